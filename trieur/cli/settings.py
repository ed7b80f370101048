"""`trieur settings`: what a classifier's next dataset is trained with, and changing that."""

import json
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from trieur.cli.options import (
    DEFAULT_STACK,
    AsJson,
    Classifier,
    Local,
    Region,
    Stack,
    WrongUsage,
    connect,
    require_classifier_name,
)
from trieur.cli.output import Paper, fails_in_a_sentence, print_json, printing
from trieur.settings import ClassifierSettings, own_settings


@fails_in_a_sentence
def settings(
    classifier: Classifier,
    changes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE]...",
            help="What to change, such as backend=both or gate.min_accuracy=0.9; `KEY=` goes back to the default.",
            show_default=False,
        ),
    ] = None,
    local: Local = False,
    stack: Stack = DEFAULT_STACK,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Show the settings of CLASSIFIER, or change them.

    They count from the next dataset on. Everything has a default, so none need be set. They are kept in the inbox, as
    datasets/CLASSIFIER/classifier.json, over the defaults of the deployment; README.md tells the most useful ones, and
    trieur/settings.py has all. A value is JSON where it can be (0.9, true, null), else a text.

    With --json, the object has the keys classifier, own (what was set for it) and settings (all that are in force).

    The exit status is 0 if the settings were shown or changed, 1 if they cannot be used, in which case nothing is
    changed, 2 for wrong usage, or where AWS cannot be asked.

    Examples:

        trieur settings questions
        trieur settings questions backend=both comprehend.endpoint=on-demand
        trieur settings questions gate.min_accuracy=0.9 language=en --local
    """
    require_classifier_name(classifier)
    account = connect(local, stack, region)
    own = own_settings(account.own_settings(classifier))
    if changes:
        for change in changes:
            _apply(own, change)
        document = json.dumps(own, ensure_ascii=False, indent=2).encode()
        in_force = account.change_settings(classifier, document)
    else:
        in_force = account.settings(classifier)
    if as_json:
        print_json({"classifier": classifier, "own": own, "settings": in_force.model_dump(mode="json")})
    else:
        _print(in_force, own)


def _apply(own: dict[str, Any], change: str) -> None:
    """Change `own` as `a.b=value` says. Raises WrongUsage."""
    key, sign, written = change.partition("=")
    *groups, name = key.split(".")
    if not sign or not all((*groups, name)):
        raise WrongUsage(f"{change!r} is no setting: write KEY=VALUE, such as backend=both.")
    at = own
    for group in groups:
        inner = at.setdefault(group, {})
        if not isinstance(inner, dict):
            raise WrongUsage(f"{key!r} cannot be set: {group!r} is no group of settings.")
        at = inner
    if written:
        at[name] = _value(written)
    else:
        at.pop(name, None)


def _value(written: str) -> Any:
    try:
        return json.loads(written)
    except ValueError:
        return written


@printing()
def _print(in_force: ClassifierSettings, own: dict[str, Any]) -> None:
    paper, table = Paper(), Table.grid(padding=(0, 2))
    set_here = set(_flat(own))
    for key, value in _flat(in_force.model_dump(mode="json")).items():
        style = "bold" if key in set_here else ""
        mark = "set" if key in set_here else ""
        table.add_row(Text(key, style), Text(value if isinstance(value, str) else json.dumps(value), style), Text(mark))
    paper.print(table)


def _flat(document: dict[str, Any], before: str = "") -> dict[str, Any]:
    """`{"a.b": 1}` of `{"a": {"b": 1}}`."""
    flat: dict[str, Any] = {}
    for key, value in document.items():
        flat |= _flat(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}": value}
    return flat
