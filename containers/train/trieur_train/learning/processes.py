"""The processes that train together, as torchrun starts them: one a GPU, on one machine or several."""

import os
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import distributed

T = TypeVar("T")


@dataclass(frozen=True)
class Processes:
    """This process among `count`; the one of rank 0 leads: it writes, prints and keeps."""

    rank: int = 0
    count: int = 1
    local_rank: int = 0
    local_count: int = 1

    @classmethod
    def joined(cls) -> "Processes":
        """This process alone, or together with the others that torchrun has started."""
        if "RANK" not in os.environ:
            return cls()
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        return cls(*(int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")))

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def share(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """What this process has to do of `rows`."""
        return rows[self.rank :: self.count]

    def gathered(self, value: T) -> list[T]:
        """What every process has for `value`, in the order of their ranks; the same list in each of them."""
        if self.count == 1:
            return [value]
        found: list[T] = [value] * self.count
        distributed.all_gather_object(found, value)
        return found

    def any(self, flag: bool) -> bool:
        """Whether it is so in any process; each gets the same answer."""
        if self.count == 1:
            return flag
        found = torch.tensor([int(flag)], device="cuda" if torch.cuda.is_available() else "cpu")
        distributed.all_reduce(found, distributed.ReduceOp.MAX)
        return bool(found.item())

    def leave(self) -> None:
        if self.count > 1:
            distributed.destroy_process_group()
