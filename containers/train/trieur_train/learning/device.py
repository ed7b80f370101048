"""Where the numbers are worked out, and in which precision."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from trieur_train.learning.processes import Processes

# Below this width the conversions cost more than the shorter products save.
LEAST_WIDTH_FOR_BF16 = 256
# Compiling takes a minute or two: it pays where a training takes many times that.
LEAST_STEPS_TO_COMPILE = 5_000


@dataclass(frozen=True)
class Device:
    """A processor or GPU, and whether matrix products run there in bfloat16 (everything is kept in float32)."""

    device: torch.device
    bf16: bool

    @property
    def precision(self) -> str:
        return "bfloat16" if self.bf16 else "float32"

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Matrix products in here run in the precision of this device."""
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bf16):
            yield


CPU = Device(torch.device("cpu"), bf16=False)


def choose_device(precision: str, width: int, processes: Processes) -> Device:
    """This process's GPU, or the processor where there is none; `precision` is the hyperparameter.

    `auto` takes bfloat16 where the hardware multiplies it (Ampere and later; AVX512-BF16 or AMX) and the network is
    wide enough, `width` being that of its hidden states. Elsewhere it is emulated, and slower.
    """
    if torch.cuda.is_available():
        device = torch.device("cuda", processes.local_rank)
        torch.cuda.set_device(device)
        able = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        device = torch.device("cpu")
        able = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    wanted = able and width >= LEAST_WIDTH_FOR_BF16 if precision == "auto" else precision == "bfloat16"
    return Device(device, wanted)


def be_repeatable(device: Device, threads: int) -> None:
    """The same seed, data and machine give the same model, on processors at least."""
    torch.set_num_threads(threads)
    if device.device.type == "cpu":
        torch.use_deterministic_algorithms(True)
        # It would write every tensor once before its values are written, a fifth of a step's time, to expose those
        # that are read before: torch's own operations do not.
        torch.utils.deterministic.fill_uninitialized_memory = False


def cores(processes: Processes) -> int:
    """Of this machine, for each of its processes."""
    return max(1, len(os.sched_getaffinity(0)) // processes.local_count)


def compiled_where_it_pays(network: nn.Module, device: Device, steps: int) -> nn.Module:
    """`network`, compiled on a GPU that has `steps` enough before it; on processors compiling gains nothing.

    That was measured: 25.8 s an epoch against 26.6 s.
    """
    if device.device.type != "cuda" or steps < LEAST_STEPS_TO_COMPILE:
        return network
    # An image without a C compiler, or a network that cannot be compiled, goes on as it is.
    torch._dynamo.config.suppress_errors = True
    return torch.compile(network, dynamic=True)  # type: ignore[no-any-return]
