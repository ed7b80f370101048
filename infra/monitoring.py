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
        state_machine: sfn.StateMachine,
        functions: Sequence[Function],
        dead_letters: sqs.Queue,
        topic: sns.Topic,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        self._tell = actions.SnsAction(topic)
        self._name = settings.name
        failed = state_machine.metric_failed(period=_PERIOD)
        timed_out = state_machine.metric_timed_out(period=_PERIOD)
        aborted = state_machine.metric_aborted(period=_PERIOD)
        letters = dead_letters.metric_approximate_number_of_messages_visible(
            period=_PERIOD, statistic=cloudwatch.Stats.MAXIMUM
        )
        alarms = [
            self._alarm("RunsFailed", failed, "A run failed: its run.json and its execution say why."),
            self._alarm("RunsTimedOut", timed_out, "A run took longer than a state machine execution can poll."),
            self._alarm("RunsAborted", aborted, "Somebody stopped the execution that followed a run."),
            self._alarm("DeadLetters", letters, "A dropped dataset could not be handled: look into the queue."),
        ]
        for function in functions:
            name = function.node.id
            errors = function.metric_errors(period=_PERIOD)
            throttles = function.metric_throttles(period=_PERIOD)
            alarms.append(self._alarm(f"{name}Errors", errors, f"{name} failed: its log group says why."))
            alarms.append(
                self._alarm(f"{name}Throttles", throttles, f"{name} was throttled: the account's Lambdas are at limit.")
            )
        self._dashboard(state_machine, functions, letters, alarms)

    def _alarm(self, construct_id: str, metric: cloudwatch.Metric, description: str) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_name=f"{self._name}-{construct_id}",
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
        state_machine: sfn.StateMachine,
        functions: Sequence[Function],
        letters: cloudwatch.Metric,
        alarms: Sequence[cloudwatch.Alarm],
    ) -> None:
        executions = [
            state_machine.metric_started(),
            state_machine.metric_succeeded(),
            state_machine.metric_failed(),
            state_machine.metric_timed_out(),
            state_machine.metric_aborted(),
        ]
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=self._name,
            default_interval=Duration.days(7),
            widgets=[
                [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=24, height=3)],
                [
                    _graph("Runs", executions),
                    _graph("Time of a run", [state_machine.metric_time()]),
                    _graph("Dead letters", [letters]),
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
        # A search, since endpoints come and go with classifiers, which the stack does not know.
        search = (
            f"SEARCH('{{AWS/SageMaker,EndpointName,VariantName}} MetricName=\"{metric}\" EndpointName={self._name}',"
            f" '{statistic}')"
        )
        return _graph(title, [cloudwatch.MathExpression(expression=search, label="", using_metrics={})])


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8)
