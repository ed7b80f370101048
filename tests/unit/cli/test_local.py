"""`trieur local` where there is no local AWS to be had."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import trieur
from trieur.cli import local
from trieur.cli.main import app
from trieur.cli.output import Failed


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1"}).invoke(app, ["local", *arguments])


@pytest.mark.parametrize("command", ["up", "down"])
def test_an_installed_package_says_where_the_local_aws_is(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIEUR_LOCAL_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(trieur, "__file__", str(tmp_path / "site-packages" / "trieur" / "__init__.py"))
    result = run(command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "comes with Trieur's repository" in result.stderr
    assert not (tmp_path / "state").exists()


def test_none_that_runs_is_a_negative_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIEUR_LOCAL_STATE", str(tmp_path))
    assert run("status").exit_code == 1
    result = run("status", "--json")
    assert result.stdout == '{"running": false, "endpoint_url": null, "region": null}\n'
    ended = run("down")
    assert (ended.exit_code, "No local AWS runs" in ended.stdout) == (0, True)


def test_one_that_ends_at_once_is_said_in_its_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIEUR_LOCAL_STATE", str(tmp_path))
    program = [sys.executable, "-c", "print('Starting: done in 0.1 s'); raise SystemExit('The port 1 cannot be had.')"]
    monkeypatch.setattr(local, "_localcloud", lambda *_: program)
    result = run("up")
    assert result.exit_code == 1
    assert "The port 1 cannot be had." in result.stderr


def test_one_that_does_not_come_up_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIEUR_LOCAL_STATE", str(tmp_path))
    ended = tmp_path / "ended"
    program = (
        "import pathlib, signal, sys, time\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path({str(ended)!r}).touch(), sys.exit()))\n"
        "print('Synthesising: done in 0.1 s', flush=True)\n"
        "time.sleep(60)\n"
    )
    monkeypatch.setattr(local, "_localcloud", lambda *_: [sys.executable, "-c", program])
    monkeypatch.setattr(local, "_UP_SECONDS", 1.0)
    with pytest.raises(Failed, match="not up after 1 s"):
        local._start(tmp_path, [], "Trieur", as_json=False)
    for _ in range(100):
        if ended.exists():
            break
        local.time.sleep(0.05)
    assert ended.exists()
