"""The frame of the command: its help, version, completion and reference."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from trieur.cli import reference
from trieur.cli.main import app

REPOSITORY = Path(__file__).parents[3]
COMMANDS = {command.path: command for command in reference.commands()}
# `trieur local` only groups its commands.
LEAVES = {path: command for path, command in COMMANDS.items() if not command.is_group}


def run(*arguments: str, **environment: str) -> str:
    result = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1", **environment}).invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_version_is_the_packages() -> None:
    version = re.search(r'^version = "(.*)"', (REPOSITORY / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert run("--version").strip() == version[1]


def test_help_names_every_command_and_every_exit_status() -> None:
    said = run("--help")
    for path in COMMANDS:
        assert path.split()[1] in said
    for status in ("0: done", "1: a negative answer", "2: wrong usage", "130: ended by Ctrl-C"):
        assert status in said


@pytest.mark.parametrize("path", LEAVES)
def test_every_help_is_a_manual(path: str) -> None:
    said = run(*path.split()[1:], "--help")
    assert "Examples:" in said
    assert f"{path}" in said.partition("Examples:")[2]
    assert "exit status" in said


@pytest.mark.parametrize("path", LEAVES)
def test_every_command_can_speak_json_and_says_its_keys(path: str) -> None:
    command = LEAVES[path]
    assert "--json" in {parameter.name for parameter in command.parameters}
    assert "--json" in command.manual


def program(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "trieur", *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_offered(shell: str) -> None:
    # Without which the shell that pytest was started from would be asked for.
    assert "_TRIEUR_COMPLETE" in program("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")


def test_completion_knows_the_commands() -> None:
    said = program(_TRIEUR_COMPLETE="complete_bash", COMP_WORDS="trieur re", COMP_CWORD="1")
    assert said.split() == ["report"]


def test_the_reference_is_what_the_commands_say() -> None:
    written = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == reference.page(), "docs/cli.md is not what the commands say now: run `make docs-cli`"


@pytest.mark.parametrize("environment", [{"COLUMNS": "40"}, {"FORCE_COLOR": "1", "COLUMNS": "300"}])
def test_the_reference_depends_on_no_terminal(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    page = reference.page()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert reference.page() == page
    assert "\x1b" not in page


def test_the_reference_has_every_command_and_option() -> None:
    page = reference.page()
    for path, command in COMMANDS.items():
        assert f"## `{path}`" in page
        section = page.partition(f"## `{path}`\n")[2].partition("\n## ")[0]
        assert command.manual in section
        for parameter in command.parameters:
            assert parameter.help
            assert f"| `{parameter.name.split(' ')[0]}" in section


def test_the_reference_tells_the_options_that_the_command_takes() -> None:
    """The help is Typer's own reading of the same functions."""
    for path, command in LEAVES.items():
        said = run(*path.split()[1:], "--help")
        taken = set(re.findall(r"--[a-z][a-z-]*", said.partition("Options")[2])) - {"--help"}
        told = {name for one in command.parameters if one.is_option for name in re.findall(r"--[a-z][a-z-]*", one.name)}
        assert told <= taken, path
        assert {name for name in taken if name.startswith("--no-")} <= told
