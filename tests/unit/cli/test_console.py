"""The command that serves the console."""

import importlib.util
import json
import socket
from typing import Any

import pytest
from typer.testing import CliRunner

from trieur.cli.main import app
from trieur.console import account as console_account
from trieur.console import serving

runner = CliRunner()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was asked to be served."""
    asked: list[dict[str, Any]] = []

    def serve(_place: Any, **options: Any) -> None:
        options.pop("tell")("http://127.0.0.1:1/?token=secret")
        asked.append(options)

    monkeypatch.setattr(serving, "serve", serve)
    monkeypatch.setattr("trieur.cli.console.connect", lambda *which: which)
    monkeypatch.setattr(console_account.AccountPlace, "title", "here")
    return asked


def test_it_prints_the_address_and_opens_the_browser(served: list[dict[str, Any]]) -> None:
    done = runner.invoke(app, ["console", "--local"])

    assert done.exit_code == 0, done.output
    assert "  http://127.0.0.1:1/?token=secret\n" in done.output
    assert served == [{"port": None, "open_browser": True}]


def test_scripts_are_told_the_address(served: list[dict[str, Any]]) -> None:
    done = runner.invoke(app, ["console", "--local", "--no-open", "--port", "0", "--json"])

    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"url": "http://127.0.0.1:1/?token=secret"}]
    assert served == [{"port": 0, "open_browser": False}]


def test_a_taken_port_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trieur.cli.console.connect", lambda *which: which)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = runner.invoke(app, ["console", "--local", "--port", str(taken.getsockname()[1])])

    assert done.exit_code == 2
    assert "choose another with --port" in done.stderr


def test_without_its_parts_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "fastapi" else found(name))

    done = runner.invoke(app, ["console", "--local"])

    assert done.exit_code == 2
    assert done.stderr == "The console needs fastapi: run `pip install 'trieur[console]'`.\n"
