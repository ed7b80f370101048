"""Deploys a synthesised template by change set, as the CDK does, and says which resource stood in the way."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from localcloud.deploy.assembly import Stack
from localcloud.state import LocalCloudError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.literals import CapabilityType

_SECONDS = 300.0
_STEP = 0.1
_ONLY_DELETABLE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS")
_CAPABILITIES: list[CapabilityType] = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


def deploy_stack(stack: Stack, session: boto3.Session) -> dict[str, str]:
    """Creates the stack, or brings what exists of it up to date in place. Gives its outputs.

    Its template must have been published. Raises LocalCloudError naming every resource that failed and why.
    """
    cloudformation = session.client("cloudformation")
    existing = _describe(cloudformation, stack.name)
    if existing is not None and existing["StackStatus"] in _ONLY_DELETABLE:
        # CloudFormation can only delete a stack whose creation failed.
        cloudformation.delete_stack(StackName=stack.name)
        _await(lambda: _describe(cloudformation, stack.name) is None, f"The deletion of the failed stack {stack.name}")
        existing = None
    change_set = f"local-{uuid.uuid4().hex[:12]}"
    try:
        cloudformation.create_change_set(
            StackName=stack.name,
            ChangeSetName=change_set,
            ChangeSetType="CREATE" if existing is None else "UPDATE",
            Capabilities=_CAPABILITIES,
            TemplateURL=stack.template_url,
        )
    except ClientError as error:
        raise LocalCloudError(f"The stack {stack.name} is refused: {error.response['Error']['Message']}") from None
    if _has_changes(cloudformation, stack.name, change_set):
        begun = len(list(_events(cloudformation, stack.name)))
        cloudformation.execute_change_set(StackName=stack.name, ChangeSetName=change_set)
        _await_deployment(cloudformation, stack.name, begun)
    described = _describe(cloudformation, stack.name) or {}
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def _has_changes(cloudformation: Any, name: str, change_set: str) -> bool:
    described: dict[str, Any] = {}

    def settled() -> bool:
        described.update(cloudformation.describe_change_set(StackName=name, ChangeSetName=change_set))
        return described["Status"] in ("CREATE_COMPLETE", "FAILED")

    _await(settled, f"The change set of the stack {name}")
    if described["Status"] == "CREATE_COMPLETE":
        return True
    reason = described.get("StatusReason", "no reason given")
    if "didn't contain changes" in reason or "No updates are to be performed" in reason:
        return False
    raise LocalCloudError(f"The stack {name} cannot be changed as asked: {reason}")


def _await_deployment(cloudformation: Any, name: str, begun: int) -> None:
    described: dict[str, Any] = {}

    def settled() -> bool:
        described.update(_describe(cloudformation, name) or {"StackStatus": "DELETE_COMPLETE"})
        status: str = described["StackStatus"]
        return not status.endswith("_IN_PROGRESS")

    _await(settled, f"The deployment of the stack {name}")
    if described["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return
    failures = [_failure(event) for event in list(_events(cloudformation, name))[begun:] if _is_failure(event)]
    why = "\n".join(failures) or f"  {described.get('StackStatusReason', 'no reason given')}"
    raise LocalCloudError(f"The stack {name} was not deployed, it is {described['StackStatus']}:\n{why}")


def _is_failure(event: dict[str, Any]) -> bool:
    status: str = event["ResourceStatus"]
    return status.endswith("_FAILED")


def _failure(event: dict[str, Any]) -> str:
    reason = event.get("ResourceStatusReason", "no reason given")
    return f"  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}"


def _describe(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        stacks: list[dict[str, Any]] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    return stacks[0]


def _events(cloudformation: Any, name: str) -> Iterator[dict[str, Any]]:
    """The stack's events, oldest first; none when there is no such stack."""
    try:
        pages = list(cloudformation.get_paginator("describe_stack_events").paginate(StackName=name))
    except ClientError:
        return
    yield from reversed([event for page in pages for event in page["StackEvents"]])


def _await(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise LocalCloudError(f"{what} did not end within {_SECONDS:.0f} seconds.")
        time.sleep(_STEP)
