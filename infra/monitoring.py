"""What tells people that something is wrong, and shows them what."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.functions.function import Function
from infra.settings import Settings

_PERIOD = Duration.minutes(5)


class Monitoring(Construct):
    """Alarms on everything that should never happen, told to the outcomes topic, and a dashboard."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        run_machine: sfn.StateMachine,
        batch_machine: sfn.StateMachine,
        functions: Sequence[Function],
        dead_letters: sqs.Queue,
        topic: sns.Topic,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        self._tell = actions.SnsAction(topic)
        self._settings = settings
        letters = dead_letters.metric_approximate_number_of_messages_visible(
            period=_PERIOD, statistic=cloudwatch.Stats.MAXIMUM
        )
        alarms = [
            *self._machine_alarms("Runs", "run", run_machine),
            *self._machine_alarms("Batches", "batch", batch_machine),
            self._alarm("DeadLetters", letters, "A drop or a request could not be handled: look into the queue."),
        ]
        for function in functions:
            name = function.node.id
            errors = function.metric_errors(period=_PERIOD)
            throttles = function.metric_throttles(period=_PERIOD)
            alarms.append(self._alarm(f"{name}Errors", errors, f"{name} failed: its log group says why."))
            alarms.append(
                self._alarm(f"{name}Throttles", throttles, f"{name} was throttled: the account's Lambdas are at limit.")
            )
        self._dashboard(run_machine, batch_machine, functions, letters, alarms)

    def _machine_alarms(self, plural: str, what: str, machine: sfn.StateMachine) -> Sequence[cloudwatch.Alarm]:
        failed = machine.metric_failed(period=_PERIOD)
        timed_out = machine.metric_timed_out(period=_PERIOD)
        aborted = machine.metric_aborted(period=_PERIOD)
        return (
            self._alarm(f"{plural}Failed", failed, f"A {what} failed: its {what}.json and its execution say why."),
            self._alarm(f"{plural}TimedOut", timed_out, f"A {what} took longer than an execution can poll."),
            self._alarm(f"{plural}Aborted", aborted, f"Somebody stopped the execution that followed a {what}."),
        )

    def _alarm(self, construct_id: str, metric: cloudwatch.Metric, description: str) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_name=f"{self._settings.name}-{construct_id}",
            alarm_description=description,
            metric=metric,
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(self._tell)
        return alarm

    def _dashboard(
        self,
        run_machine: sfn.StateMachine,
        batch_machine: sfn.StateMachine,
        functions: Sequence[Function],
        letters: cloudwatch.Metric,
        alarms: Sequence[cloudwatch.Alarm],
    ) -> None:
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=self._settings.name,
            default_interval=Duration.days(7),
            widgets=[
                [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=24, height=3)],
                [
                    _graph("Runs", _executions(run_machine)),
                    _graph("Time of a run", [run_machine.metric_time()]),
                    _graph("Dead letters", [letters]),
                ],
                [
                    _graph("Batches", _executions(batch_machine)),
                    _graph("Time of a batch", [batch_machine.metric_time()]),
                    *self._comprehend(),
                ],
                [
                    _graph("Lambda errors", [function.metric_errors() for function in functions]),
                    _graph("Lambda duration", [function.metric_duration() for function in functions]),
                    _graph("Lambda throttles", [function.metric_throttles() for function in functions]),
                ],
                [
                    self._endpoints("Endpoint calls", "Invocations", "Sum"),
                    self._endpoints("Endpoint errors", "Invocation5XXErrors", "Sum"),
                    self._endpoints("Time in the model, microseconds", "ModelLatency", "p99"),
                ],
            ],
        )

    def _endpoints(self, title: str, metric: str, statistic: str) -> cloudwatch.GraphWidget:
        search = _search("AWS/SageMaker,EndpointName,VariantName", self._settings.name, metric, statistic)
        return _graph(title, [search])

    def _comprehend(self) -> Sequence[cloudwatch.GraphWidget]:
        if not self._settings.has_comprehend:
            return ()
        units = (("ProvisionedInferenceUnits", "Average"), ("ConsumedInferenceUnits", "Sum"))
        searches = [
            _search("AWS/Comprehend,EndpointArn", self._settings.name, metric, statistic) for metric, statistic in units
        ]
        return (_graph("Comprehend's inference units, paid for and used", searches),)


def _search(dimensions: str, endpoints: str, metric: str, statistic: str) -> cloudwatch.MathExpression:
    """The metric of all endpoints whose name, or ARN, holds that word; `dimensions` begins with the namespace."""
    # A search, since endpoints come and go with classifiers, which the stack does not know.
    endpoint = dimensions.split(",")[1]
    expression = f"SEARCH('{{{dimensions}}} MetricName=\"{metric}\" {endpoint}={endpoints}', '{statistic}')"
    return cloudwatch.MathExpression(expression=expression, label="", using_metrics={})


def _executions(machine: sfn.StateMachine) -> Sequence[cloudwatch.Metric]:
    return (
        machine.metric_started(),
        machine.metric_succeeded(),
        machine.metric_failed(),
        machine.metric_timed_out(),
        machine.metric_aborted(),
    )


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8)
