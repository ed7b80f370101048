"""Grants of IAM permissions, each wildcard with its reason."""

from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam


def allow(
    role: iam.Role,
    *,
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: Mapping[str, Any] | None = None,
    wildcard: str | None = None,
) -> None:
    """Let `role` do `actions` on `resources`. `wildcard` says why a resource needs its `*`: without it cdk-nag
    fails the synthesis."""
    role.add_to_principal_policy(
        iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)
    )
    if wildcard is not None:
        acknowledge_wildcards(role, resources, wildcard)


def acknowledge_wildcards(role: iam.IRole, resources: Sequence[str], reason: str) -> None:
    """Record why the policy of `role` names `resources` with a `*`."""
    policy = role.node.find_child("DefaultPolicy")
    stack = cdk.Stack.of(role)
    for resource in resources:
        finding = _as_nag_writes_it(stack.resolve(resource))
        if "*" in finding:
            cdk.Validations.of(policy).acknowledge(
                cdk.Acknowledgment(id=f"AwsSolutions-IAM5[Resource::{finding}]", reason=reason)
            )


def wait_for_permissions(resource: cdk.CfnResource, role: iam.Role) -> None:
    """Have `resource` created only once `role` may do what it was allowed. The constructs of the CDK name the role
    itself as well, to which the resource refers anyway: cfn-lint's W3005."""
    policy = role.node.find_child("DefaultPolicy").node.default_child
    assert isinstance(policy, cdk.CfnResource)
    resource.add_override("DependsOn", [cdk.Stack.of(resource).get_logical_id(policy)])


def _as_nag_writes_it(resolved: Any) -> str:
    """cdk-nag names a finding by its resource with references flattened: `<LogicalId.Arn>/runs/*`."""
    match resolved:
        case str():
            return resolved
        case {"Fn::Join": [str(delimiter), list(parts)]}:
            return delimiter.join(_as_nag_writes_it(part) for part in parts)
        case {"Fn::GetAtt": [str(resource), str(attribute)]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": str(resource)}:
            return f"<{resource}>"
    raise TypeError(f"no name in cdk-nag is known for {resolved!r}")
