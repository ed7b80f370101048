"""The options that every command about the account has, and connecting as they say."""

from typing import Annotated

import typer

from trieur import names
from trieur.account import STACK, Account, AccountError

_ACCOUNT = "Which AWS"

Classifier = Annotated[
    str,
    typer.Argument(
        metavar="CLASSIFIER", help="The classifier's name: the folder below datasets/ in the inbox.", show_default=False
    ),
]
Local = Annotated[
    bool,
    typer.Option("--local", help="The local AWS that `trieur local up` started.", rich_help_panel=_ACCOUNT),
]
Stack = Annotated[
    str,
    typer.Option(
        "--stack", metavar="NAME", help="The CloudFormation stack of the deployment.", rich_help_panel=_ACCOUNT
    ),
]
Region = Annotated[
    str | None,
    typer.Option(
        "--region",
        metavar="REGION",
        help="The deployment's AWS region; by default that of your AWS configuration.",
        show_default=False,
        rich_help_panel=_ACCOUNT,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead, for scripts.")]
DEFAULT_STACK = STACK


class WrongUsage(AccountError):
    """What was typed cannot be meant; exit status 2."""


def connect(local: bool, stack: str, region: str | None) -> Account:
    """The account those options name. Raises AccountError."""
    if local and region:
        raise WrongUsage("--local and --region exclude each other: the local AWS knows its region.")
    return Account.connect(local=local, stack=stack, region=region)


def require_nothing_else(context: typer.Context, shown: str, *options: str) -> None:
    """Raises WrongUsage where more was typed than `shown`, which shows something fixed, and `options`: it would be
    passed over in silence."""
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        written = parameter.opts[0] if parameter.param_type_name == "option" else str(parameter.name).upper()
        if source is not None and source.name == "COMMANDLINE" and written not in (shown, *options):
            raise WrongUsage(f"{shown} shows what was published, whatever else is typed: leave {written} out.")


def require_classifier_name(name: str) -> str:
    """The name. Raises WrongUsage where no classifier can be named so."""
    if not names.is_classifier(name):
        raise WrongUsage(
            f"{name!r} cannot name a classifier: use at most {names.CLASSIFIER_MAX_LENGTH} lower-case letters and"
            " digits, with single hyphens between them."
        )
    return name


def flags(local: bool, stack: str, region: str | None) -> str:
    """Those options as one would type them again after a command, with a space before each."""
    named = f" --stack {stack}" if stack != STACK else ""
    placed = f" --region {region}" if region else ""
    return f"{' --local' if local else ''}{named}{placed}"
