"""What is in the AWS account: classifiers, their runs and endpoints, and dropping a dataset. For people's tools."""

from trieur.account.account import STACK, Account
from trieur.account.endpoints import Endpoint
from trieur.account.errors import AccessDenied, AccountError, NotFound, Unreachable, explained
from trieur.account.run import Run
from trieur.account.summary import Alarm, ClassifierSummary, Drop
from trieur.account.training_log import Epoch, TrainingLog
from trieur.account.watch import watch

__all__ = [
    "STACK",
    "AccessDenied",
    "Account",
    "AccountError",
    "Alarm",
    "ClassifierSummary",
    "Drop",
    "Endpoint",
    "Epoch",
    "NotFound",
    "Run",
    "TrainingLog",
    "Unreachable",
    "explained",
    "watch",
]
