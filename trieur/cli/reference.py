"""`python -m trieur.cli.reference`: docs/cli.md, from the commands themselves.

Made from the functions and what they are annotated with, not from the printed help, which depends on the terminal.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

import typer
from typer.models import ArgumentInfo, OptionInfo

from trieur.cli.main import app, prepare

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "cli.md"

Function = Callable[..., None]


@dataclass(frozen=True)
class Parameter:
    """An argument or option: how it is typed, what it is for, and its default where that is worth a word."""

    name: str
    help: str
    default: str
    is_option: bool


@dataclass(frozen=True)
class Command:
    """`path` is how it is called; one that only groups others has no parameters."""

    path: str
    manual: str
    is_group: bool
    parameters: Sequence[Parameter]

    @property
    def summary(self) -> str:
        return self.manual.partition("\n\n")[0].replace("\n", " ")

    @property
    def usage(self) -> str:
        if self.is_group:
            return f"{self.path} COMMAND"
        return " ".join([self.path, *(one.name for one in self.parameters if not one.is_option), "[OPTIONS]"])


def commands(of: typer.Typer = app, path: str = "trieur") -> Iterator[Command]:
    """Every command, in the order they are registered, groups before what is in them and after the others."""
    for registered in of.registered_commands:
        function = registered.callback
        assert function is not None
        name = registered.name or function.__name__.replace("_", "-")
        yield Command(f"{path} {name}", inspect.getdoc(function) or "", False, list(_parameters(function)))
    for group in of.registered_groups:
        inner = group.typer_instance
        assert inner is not None
        whole = f"{path} {inner.info.name}"
        yield Command(whole, "\n\n".join(text for text in (inner.info.help, inner.info.epilog) if text), True, ())
        yield from commands(inner, whole)


def page() -> str:
    """All of docs/cli.md."""
    found = list(commands())
    parts = [
        "# The `trieur` command",
        "<!-- Made from the commands by `make docs-cli`: change their help, not this page. -->",
        inspect.getdoc(prepare) or "",
        "`trieur --version` prints the version; `trieur --install-completion` sets up completion in bash, zsh, fish and"
        " PowerShell; `--help` after any command prints what is below.",
        "\n".join(f"- [`{one.path}`](#{one.path.replace(' ', '-')}): {one.summary}" for one in found),
    ]
    for one in found:
        parts += [f"## `{one.path}`", one.manual, f"```\n{one.usage}\n```"]
        parts += [_table(one.parameters)] if one.parameters else []
    return "\n\n".join(parts) + "\n"


def _table(parameters: Sequence[Parameter]) -> str:
    lines = ["| | |", "|---|---|"]
    for one in sorted(parameters, key=lambda parameter: parameter.is_option):
        default = f" Default: `{one.default}`." if one.default else ""
        lines.append(f"| `{_cell(one.name)}` | {_cell(one.help)}{default} |")
    return "\n".join(lines)


def _parameters(function: Function) -> Iterator[Parameter]:
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        if parameter.annotation is typer.Context:
            continue
        kind, *said = get_args(parameter.annotation)
        info = next(one for one in said if isinstance(one, OptionInfo | ArgumentInfo))
        kind = _without_none(kind)
        if isinstance(info, OptionInfo):
            yield Parameter(_option(name, kind, info), info.help or "", _default(kind, info, parameter.default), True)
        else:
            yield Parameter(_argument(name, kind, info, parameter.default), info.help or "", "", False)


def _option(name: str, kind: Any, info: OptionInfo) -> str:
    # Within Annotated, what is written first is an option's name and not its default.
    written = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str)]
    names = ", ".join(written or (f"--{name.replace('_', '-')}",))
    if kind is bool:
        return names
    choices = "|".join(str(one.value) for one in kind) if _is_choice(kind) else ""
    return f"{names} {info.metavar or choices or name.upper()}"


def _argument(name: str, kind: Any, info: ArgumentInfo, default: Any) -> str:
    shown = (info.metavar or name.upper()).strip("[].").replace("]", "")
    repeated = "..." if get_origin(kind) is list else ""
    return f"{shown}{repeated}" if default is inspect.Parameter.empty else f"[{shown}]{repeated}"


def _default(kind: Any, info: OptionInfo, default: Any) -> str:
    if kind is bool or default in (None, inspect.Parameter.empty) or not info.show_default:
        return ""
    if isinstance(info.show_default, str):
        return info.show_default
    return str(default.value if isinstance(default, Enum) else default)


def _without_none(kind: Any) -> Any:
    """`str` of `str | None`."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    [only] = [one for one in get_args(kind) if one is not type(None)]
    return only


def _is_choice(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"docs/{PAGE.name} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
