from typing import Any

import pytest

from tests.unit.backends.comprehend.runs import started, stored, trained
from tests.unit.comprehend_double import ACCOUNT, ComprehendError, classifier_arn, endpoint_arn
from tests.unit.world import World, examples
from trieur.backends.base import DeploymentRefused, EndpointBusy
from trieur.backends.comprehend.endpoints import ComprehendEndpoints
from trieur.runs import Run, RunStatus
from trieur.settings import ClassifierSettings, ComprehendSettings

NAME = "trieur-questions"
ARN = endpoint_arn(NAME)


def endpoints(world: World, **changes: Any) -> ComprehendEndpoints:
    return ComprehendEndpoints(world.deployment.model_copy(update=changes), world.clients)


def deployed(world: World) -> Run:
    run = trained(world)
    endpoints(world).deploy(run)
    world.comprehend.settle(NAME)
    return run


def another(world: World, **settings: Any) -> Run:
    """A second run of the classifier, trained too."""
    run = started(world, examples(25), **settings)
    world.complete_classifier(run.run_id)
    return stored(world, run.run_id)


def with_units(run: Run, units: int) -> Run:
    comprehend = ComprehendSettings(endpoint="on-demand", inference_units=units)
    return run.model_copy(update={"settings": run.settings.model_copy(update={"comprehend": comprehend})})


@pytest.mark.parametrize(("kind", "wanted"), [("none", False), ("on-demand", True)])
def test_an_endpoint_is_wanted_only_when_the_settings_say_so(world: World, kind: Any, wanted: bool) -> None:
    settings = ClassifierSettings(comprehend=ComprehendSettings(endpoint=kind))
    assert endpoints(world).are_wanted(settings) is wanted
    assert endpoints(world).are_wanted(ClassifierSettings()) is False


def test_the_first_model_gets_an_endpoint(world: World) -> None:
    run = trained(world, comprehend={"endpoint": "on-demand", "inference_units": 2, "idle_hours": 0.5})

    facts = endpoints(world).deploy(run)

    model = classifier_arn(NAME, run.run_id)
    assert facts == {
        "name": NAME,
        "arn": ARN,
        "model": model,
        "kind": "on-demand",
        "inference_units": 2,
        "idle_hours": 0.5,
    }
    (request,) = world.comprehend.asked("CreateEndpoint")
    assert (request["EndpointName"], request["ModelArn"], request["DesiredInferenceUnits"]) == (NAME, model, 2)
    assert {"Key": "trieur:run", "Value": run.run_id} in request["Tags"]
    assert "DataAccessRoleArn" not in request
    assert endpoints(world).deployed_run("questions") is None, "it does not answer yet"
    state = endpoints(world).state(run)
    assert (state.status, state.message) == (RunStatus.DEPLOYING, f"Endpoint {NAME} is CREATING.")
    assert endpoints(world).deploy(run) == facts
    assert len(world.comprehend.asked("CreateEndpoint")) == 1

    world.comprehend.settle(NAME)
    assert endpoints(world).state(run).status is RunStatus.LIVE
    assert endpoints(world).deployed_run("questions") == run.run_id
    assert endpoints(world).deploy(run) == facts
    assert not world.comprehend.asked("UpdateEndpoint")


def test_a_long_name_is_shortened(world: World) -> None:
    run = trained(world).model_copy(update={"classifier": "a" * 30})
    world.comprehend.classifiers[classifier_arn(f"trieur2-deploy-{'a' * 30}", run.run_id)] = {"Status": "TRAINED"}

    facts = endpoints(world, name="trieur2-deploy").deploy(run)

    assert len(facts["name"]) == 40
    assert facts["arn"] in world.comprehend.endpoints


def test_an_encrypted_model_is_read_with_the_role(world: World) -> None:
    keyed = endpoints(world, comprehend_kms_key_arn=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0123")
    first = trained(world)
    keyed.deploy(first)
    world.comprehend.settle(NAME)
    keyed.deploy(another(world))

    role = world.deployment.comprehend_role_arn
    assert world.comprehend.asked("CreateEndpoint")[0]["DataAccessRoleArn"] == role
    assert world.comprehend.asked("UpdateEndpoint")[0]["DesiredDataAccessRoleArn"] == role


def test_a_later_model_takes_the_endpoint_over_in_place(world: World) -> None:
    first = deployed(world)
    second = another(world)

    facts = endpoints(world).deploy(second)

    (request,) = world.comprehend.asked("UpdateEndpoint")
    assert request == {"EndpointArn": ARN, "DesiredModelArn": facts["model"]}
    assert endpoints(world).deployed_run("questions") == first.run_id, "the old model answers meanwhile"
    assert endpoints(world).state(second).status is RunStatus.DEPLOYING
    assert endpoints(world).deploy(second) == facts
    world.comprehend.settle(NAME)
    assert endpoints(world).state(second).status is RunStatus.LIVE
    assert len(world.comprehend.asked("UpdateEndpoint")) == 1


def test_other_inference_units_come_with_the_model_or_alone(world: World) -> None:
    run = deployed(world)

    endpoints(world).deploy(with_units(run, 3))
    assert world.comprehend.asked("UpdateEndpoint") == [{"EndpointArn": ARN, "DesiredInferenceUnits": 3}]
    world.comprehend.settle(NAME)
    endpoints(world).deploy(with_units(run, 3))
    assert len(world.comprehend.asked("UpdateEndpoint")) == 1

    second = another(world)
    endpoints(world).deploy(second)
    assert world.comprehend.asked("UpdateEndpoint")[1] == {
        "EndpointArn": ARN,
        "DesiredModelArn": classifier_arn(NAME, second.run_id),
        "DesiredInferenceUnits": 1,
    }


@pytest.mark.parametrize("status", ["CREATING", "UPDATING", "DELETING"])
def test_an_endpoint_that_changes_for_another_run_is_busy(world: World, status: str) -> None:
    deployed(world)
    second = another(world)
    world.comprehend.endpoints[ARN]["Status"] = status

    with pytest.raises(EndpointBusy, match=f"is {status} for another run"):
        endpoints(world).deploy(second)


def test_an_endpoint_that_is_being_deleted_is_busy_for_its_own_run_too(world: World) -> None:
    run = deployed(world)
    world.comprehend.endpoints[ARN]["Status"] = "DELETING"

    with pytest.raises(EndpointBusy):
        endpoints(world).deploy(run)
    assert endpoints(world).deployed_run("questions") is None


def test_a_failed_endpoint_is_deleted_and_made_anew(world: World) -> None:
    run = deployed(world)
    world.comprehend.endpoints[ARN] |= {"Status": "FAILED", "Message": "No capacity."}
    state = endpoints(world).state(run)
    assert (state.status, state.message) == (RunStatus.FAILED, f"Endpoint {NAME} is FAILED: No capacity.")
    assert endpoints(world).deployed_run("questions") is None

    with pytest.raises(EndpointBusy, match="had failed and is being deleted"):
        endpoints(world).deploy(run)

    assert not world.comprehend.endpoints
    assert endpoints(world).deploy(run)["name"] == NAME


def test_an_update_that_failed_has_rolled_back(world: World) -> None:
    first = deployed(world)
    second = another(world)
    endpoints(world).deploy(second)
    world.comprehend.roll_back(NAME, "Model could not be loaded.")

    state = endpoints(world).state(second)

    assert state.status is RunStatus.ROLLED_BACK
    assert state.message == (
        f"Endpoint {NAME} still answers with {NAME}/version/{first.run_id}: Model could not be loaded."
    )


def test_an_endpoint_that_vanished_has_failed(world: World) -> None:
    run = deployed(world)
    world.comprehend.endpoints.clear()

    state = endpoints(world).state(run)

    assert (state.status, state.message) == (
        RunStatus.FAILED,
        f"Endpoint {NAME} was deleted while it was being deployed.",
    )
    assert endpoints(world).deployed_run("questions") is None


@pytest.mark.parametrize("model", ["trieur-other/version/0123456789abcdef", "trieur-questions/version/by-hand"])
def test_somebody_elses_model_is_no_run_of_ours(world: World, model: str) -> None:
    deployed(world)
    world.comprehend.endpoints[ARN]["ModelArn"] = classifier_arn(*model.split("/version/"))

    assert endpoints(world).deployed_run("questions") is None


@pytest.mark.parametrize("code", ["ResourceInUseException", "ResourceUnavailableException"])
@pytest.mark.parametrize("operation", ["CreateEndpoint", "UpdateEndpoint"])
def test_what_passes_is_tried_again(world: World, operation: str, code: str) -> None:
    run = deployed(world) if operation == "UpdateEndpoint" else trained(world)
    world.comprehend.errors[operation] = [ComprehendError(code, "Not now.")]

    with pytest.raises(EndpointBusy, match=r"Not now\."):
        endpoints(world).deploy(with_units(run, 2))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ResourceLimitExceededException", "allows no more endpoints or inference units .* Enough. Delete an endpoint"),
        ("InvalidRequestException", "refuses the endpoint: Enough"),
        ("ResourceNotFoundException", "refuses the endpoint: Enough"),
    ],
)
def test_what_does_not_pass_refuses_the_deployment(world: World, code: str, words: str) -> None:
    run = trained(world)
    world.comprehend.errors["CreateEndpoint"] = [ComprehendError(code, "Enough.")]

    with pytest.raises(DeploymentRefused, match=words):
        endpoints(world).deploy(run)
