"""Datasets: what people drop, read strictly. A dataset is refused with one sentence or used as they meant it."""

from trieur.dataset.model import AskedMode, Dataset, DatasetRefused, Mode
from trieur.dataset.normal import normalised
from trieur.dataset.reader import read_dataset

__all__ = ["AskedMode", "Dataset", "DatasetRefused", "Mode", "normalised", "read_dataset"]
