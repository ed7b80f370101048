"""A classifier that answers over HTTP, for the commands that ask one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import boto3
import pytest
from typer.testing import CliRunner, Result

from tests.unit.runtime_double import RuntimeDouble
from trieur.account import Account, ClassifierSummary, Endpoint, Run
from trieur.cli.main import app


@dataclass
class LiveAccount:
    """As much of an Account as is asked for: its classifier `questions`, with its endpoints and runs."""

    endpoints: list[Endpoint]
    runs: list[Run] = field(default_factory=list)
    name: str = "trieur"
    region: str = "eu-west-1"
    is_local: bool = False

    def __post_init__(self) -> None:
        self.session = boto3.Session()

    def classifier(self, name: str) -> ClassifierSummary:
        return ClassifierSummary(name, tuple(self.runs), tuple(self.endpoints))


def endpoint(backend: str = "camembert", run_id: str | None = "0" * 16, kind: str = "serverless") -> Endpoint:
    return Endpoint(cast(Any, backend), "trieur-questions", "arn", "InService", kind, run_id, "")


@dataclass
class Command:
    """`trieur <command>` in this process, with an account of the test's own."""

    monkeypatch: pytest.MonkeyPatch
    double: RuntimeDouble
    account: LiveAccount

    def run(self, command: str, *arguments: str, stdin: str | bytes | None = None, columns: int = 100) -> Result:
        def connect(_local: bool, _stack: str, _region: str | None) -> Account:
            return cast(Account, self.account)

        self.monkeypatch.setattr(f"trieur.cli.{command}.connect", connect)
        environment: Mapping[str, str] = {"COLUMNS": str(columns), "NO_COLOR": "1"}
        return CliRunner(env=environment).invoke(app, [command, *arguments], input=stdin)


def lines_of(result: Result, expected_code: int = 0) -> Sequence[str]:
    assert result.exit_code == expected_code, result.output
    return result.stdout.splitlines()
