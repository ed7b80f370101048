import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Networks this small compute for less long than threads wait for each other, above all beside another test."""
    torch.set_num_threads(1)
