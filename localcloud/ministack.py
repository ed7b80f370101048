"""Every place where the local AWS reaches into MiniStack, which is pinned exactly for that reason.

MiniStack has no type information and reads its settings from the environment while it is imported, so it is
imported by name, by the server process only, after `environment` has been laid over that process's own.
"""

from __future__ import annotations

import importlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

from localcloud.options import ACCESS_KEY_ID, SECRET_ACCESS_KEY, Options

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def environment(options: Options, port: int, temporary: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of the server process, and so of the Lambda workers MiniStack starts."""
    kept = {name: inherited[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER") if name in inherited}
    return {
        **kept,
        "TMPDIR": str(temporary),
        # Policies are enforced; the access key `test` is the account's root.
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_DEFAULT_REGION": options.region,
        # The user's own profiles, endpoints and instance metadata must not reach into the Lambdas.
        "AWS_CONFIG_FILE": str(temporary / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(temporary / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "MINISTACK_REGION": options.region,
        "MINISTACK_ACCOUNT_ID": options.account,
        "MINISTACK_HOST": "127.0.0.1",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "SFN_WAIT_SCALE": str(options.wait_scale),
        "LAMBDA_EXECUTOR": "local",
        # These two would listen on every interface.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # MiniStack removes containers it takes for its own and pulls images: it gets no engine to do that with.
        "DOCKER_HOST": f"unix://{temporary / 'no-docker.sock'}",
        "STATE_DIR": str(temporary / "ministack-state"),
        "S3_DATA_DIR": str(temporary / "ministack-s3"),
        "LOG_LEVEL": "INFO",
    }


def application() -> Application:
    app: Application = importlib.import_module("ministack.app").app
    _tell_object_versions()
    _tell_kinds_of_errors()
    _retry_events()
    return app


def _tell_object_versions() -> None:
    """MiniStack leaves `version-id` out of the events S3 sends to EventBridge; AWS has it for versioned buckets."""
    s3: Any = importlib.import_module("ministack.services.s3")
    eventbridge: Any = importlib.import_module("ministack.services.eventbridge")
    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event
    version: ContextVar[str | None] = ContextVar("version", default=None)

    def fire_with_version(*arguments: Any, version_id: str | None = None, **options: Any) -> None:
        # Each event is fired in a context of its own.
        version.set(version_id)
        fire(*arguments, version_id=version_id, **options)

    def dispatch_with_version(event: dict[str, Any], *rest: Any) -> None:
        version_id = version.get()
        if event["Source"] == "aws.s3" and version_id:
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version_id
            event = {**event, "Detail": json.dumps(detail)}
        dispatch(event, *rest)

    s3._fire_s3_event = fire_with_version
    eventbridge._dispatch_event = dispatch_with_version


def _tell_kinds_of_errors() -> None:
    """MiniStack calls every exception of a Python function `Runtime.HandlerError`; AWS by its class, which is what the
    Retry and Catch of a state machine go by."""
    lambda_svc: Any = importlib.import_module("ministack.services.lambda_svc")
    worker: Any = importlib.import_module("ministack.core.lambda_runtime").Worker
    execute, invoke = lambda_svc._execute_function_warm, worker.invoke
    kind: ContextVar[str | None] = ContextVar("kind", default=None)

    def invoke_noting_kind(*arguments: Any, **options: Any) -> Any:
        answer = invoke(*arguments, **options)
        kind.set(_exception_class(answer.get("trace", ""), answer.get("error", "")))
        return answer

    def execute_with_kind(*arguments: Any) -> Any:
        kind.set(None)
        answer = execute(*arguments)
        body, found = answer.get("body"), kind.get()
        if found and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
            return {**answer, "body": {**body, "errorType": found}}
        return answer

    worker.invoke = invoke_noting_kind
    lambda_svc._execute_function_warm = execute_with_kind


def _exception_class(trace: str, message: str) -> str | None:
    """The class named at the end of a formatted traceback, without its module; None when there is none."""
    named = trace.rstrip("\n").removesuffix(message.rstrip("\n")).rstrip(": ").rpartition("\n")[2].rpartition(".")[2]
    return named if named.isidentifier() else None


def _retry_events() -> None:
    """MiniStack hands a rule's event to a function once and forgets a failure. AWS tries again twice and then tells
    the function's on-failure destination: MiniStack does so too for events of other sources."""
    lambda_svc: Any = importlib.import_module("ministack.services.lambda_svc")
    eventbridge: Any = importlib.import_module("ministack.services.eventbridge")
    dispatch = eventbridge._dispatch_to_lambda

    def dispatch_with_retries(arn: str, payload: str) -> None:
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if not function or not config:
            dispatch(arn, payload)
            return
        lambda_svc.invoke_async_with_retry(
            lambda_svc._execution_record_for_config(function, config), json.loads(payload)
        )

    eventbridge._dispatch_to_lambda = dispatch_with_retries


def stop_lambda_workers() -> None:
    importlib.import_module("ministack.core.lambda_runtime").reset()


@dataclass(frozen=True)
class Denied:
    """Why a request is refused, in AWS's words."""

    code: str
    message: str


@dataclass(frozen=True)
class Caller:
    """Who signed a request, and the account and region it is for."""

    access_key_id: str
    account: str
    region: str


@dataclass(frozen=True)
class Credentials:
    access_key_id: str
    secret_access_key: str
    session_token: str


def pin_request(scope: Scope, body: bytes) -> Caller:
    """Does for a request that MiniStack never sees what MiniStack does for its own: account, region, signature.

    The signature itself is checked by the first `check_permission` that follows in the same task.
    """
    router = importlib.import_module("ministack.core.router")
    responses = importlib.import_module("ministack.core.responses")
    evaluator = importlib.import_module("ministack.core.iam_evaluator")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
    access_key_id = str(router.extract_access_key_id(headers, query))
    region = str(router.extract_region(headers, query))
    evaluator.pin_request_origin((scope.get("client") or ("127.0.0.1",))[0], True)
    try:
        account_scope = evaluator.find_iam_access_key_account(access_key_id) or access_key_id
    except evaluator.AmbiguousAccessKeyError:
        account_scope = ""
    responses.set_request_account_id(account_scope)
    responses.set_request_region(region)
    raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
    evaluator.pin_signed_request(scope["method"], raw_path.decode("latin-1"), query, scope["headers"])
    evaluator.pin_signed_body(body)
    return Caller(access_key_id, str(responses.get_account_id()), region)


def check_permission(
    access_key_id: str, action: str, resource: str, region: str, context: Mapping[str, Any]
) -> Denied | None:
    """Whether the key's policies allow the action on the resource: None, or why not."""
    evaluator = importlib.import_module("ministack.core.iam_evaluator")
    actions = importlib.import_module("ministack.core.iam_actions")
    service = action.partition(":")[0]
    refusal = evaluator.enforce(
        access_key_id, action, service, region, resource_arn=resource, service_context=dict(context)
    )
    if refusal is None:
        return None
    if isinstance(refusal, evaluator.AuthError):
        return Denied(refusal.code, refusal.message)
    message = actions.identity_denial_message(action, refusal.principal_arn, resource, refusal.decision == "Deny")
    return Denied("AccessDeniedException", message)


def role_trusts_service(role_arn: str, service: str, account: str, region: str, source_arn: str) -> bool:
    """Whether the role exists and its trust policy lets that service take it on for that resource."""
    iam = importlib.import_module("ministack.services.iam")
    evaluator = importlib.import_module("ministack.core.iam_evaluator")
    role = iam._roles.get_scoped(account, None, role_arn.rsplit("/", 1)[-1])
    if role is None or role.get("Arn") != role_arn:
        return False
    context = evaluator.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account=account,
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=region,
        secure_transport=True,
        service_context={"aws:sourceaccount": account, "aws:sourcearn": source_arn},
    )
    # evaluate_trust_policy lets a Service principal match the account's root only; this one matches by its name.
    trust = role.get("AssumeRolePolicyDocument", "{}")
    return bool(evaluator.evaluate_resource_policy(trust, context, service=service).decision == "Allow")


def open_role_session(role_arn: str, account: str, session_name: str) -> Credentials:
    """Temporary credentials of the role, as STS would hand them to a service. They last as long as the server."""
    iam = importlib.import_module("ministack.services.iam")
    sts = importlib.import_module("ministack.services.sts")
    role_name = role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(account, None, role_name) or {}
    credentials = Credentials(str(iam._gen_session_access_key()), secrets.token_urlsafe(30), secrets.token_urlsafe(120))
    sts.register_session(
        credentials.access_key_id,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}",
            "UserId": f"{role.get('RoleId', role_name)}:{session_name}",
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
        },
    )
    return credentials


def kms_key_is_enabled(key: str, account: str, region: str) -> bool:
    """Whether the key, given by id, ARN or alias, exists and can be used."""
    kms = importlib.import_module("ministack.services.kms")
    responses = importlib.import_module("ministack.core.responses")
    with responses.request_scope(account, region):
        record = kms._resolve_key(key)
    return record is not None and record["KeyState"] == "Enabled"


def record_metric(
    account: str, region: str, namespace: str, name: str, value: float, unit: str, dimensions: Mapping[str, str]
) -> None:
    """Puts a value into an AWS service's own metric, which PutMetricData would refuse."""
    cloudwatch = importlib.import_module("ministack.services.cloudwatch")
    responses = importlib.import_module("ministack.core.responses")
    with responses.request_scope(account, region):
        cloudwatch.record_metric(namespace, name, value, unit, dict(dimensions))


def publish_event(
    account: str, region: str, detail_type: str, source: str, resources: list[str], detail: Mapping[str, Any]
) -> None:
    """Puts an event of an AWS service on the default bus, which PutEvents would refuse."""
    responses = importlib.import_module("ministack.core.responses")
    eventbridge = importlib.import_module("ministack.services.eventbridge")
    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Resources": resources,
        "Detail": json.dumps(detail),
        "Time": int(time.time()),
    }
    with responses.request_scope(account, region):
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
