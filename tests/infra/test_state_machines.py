"""What holds for every state machine."""

import pytest

from tests.infra.template import Template

MACHINES = ["trieur", "trieur-batch"]


def test_there_are_no_others(template: Template) -> None:
    machines = template.of_type("AWS::StepFunctions::StateMachine").values()
    assert [machine["StateMachineName"] for machine in machines] == MACHINES


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_can_be_reached_and_leads_somewhere(template: Template, name: str) -> None:
    definition = template.definition(name)
    states = definition["States"]
    reached: set[str] = set()
    ahead = [definition["StartAt"]]
    while ahead:
        state_name = ahead.pop()
        if state_name in reached:
            continue
        reached.add(state_name)
        state = states[state_name]
        following = [
            *(choice["Next"] for choice in state.get("Choices", [])),
            *(catch["Next"] for catch in state.get("Catch", [])),
            *(state[key] for key in ("Next", "Default") if key in state),
        ]
        assert following or state["Type"] in ("Succeed", "Fail"), f"{state_name} leads nowhere"
        ahead.extend(following)
    assert reached == set(states)


@pytest.mark.parametrize(("name", "waits"), [("sorter", 2), ("sorter-batch", 1)])
def test_polling_follows_the_settings(other: Template, name: str, waits: int) -> None:
    definition = other.definition(name)
    seconds = [state["Seconds"] for state in definition["States"].values() if state["Type"] == "Wait"]
    assert seconds == [300] * waits
    assert definition["TimeoutSeconds"] == 2_500 * 300


def test_a_busy_endpoint_is_asked_again_as_often_as_the_settings_say(other: Template) -> None:
    (busy, *_) = other.definition("sorter")["States"]["CreateEndpoint"]["Retry"]
    assert (busy["IntervalSeconds"], busy["MaxAttempts"]) == (300, 288)


@pytest.mark.parametrize("name", MACHINES)
def test_logged_and_traced(template: Template, name: str) -> None:
    machine = template.named("AWS::StepFunctions::StateMachine", "StateMachineName", name)
    assert machine["TracingConfiguration"] == {"Enabled": True}
    logging = machine["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", True)
    assert logging["Destinations"][0]["CloudWatchLogsLogGroup"]["LogGroupArn"].endswith(
        f":log-group:/aws/vendedlogs/states/{name}:*"
    )
