"""A log group of ours, which exists before anything writes to it and forgets in time."""

from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.settings import Settings

_RETENTION: Final = {
    1: logs.RetentionDays.ONE_DAY,
    3: logs.RetentionDays.THREE_DAYS,
    5: logs.RetentionDays.FIVE_DAYS,
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    120: logs.RetentionDays.FOUR_MONTHS,
    150: logs.RetentionDays.FIVE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    731: logs.RetentionDays.TWO_YEARS,
    1827: logs.RetentionDays.FIVE_YEARS,
    3653: logs.RetentionDays.TEN_YEARS,
}


class LogGroup(logs.LogGroup):
    """Logs under a fixed name, kept as long as the settings say and deleted with the stack."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, settings: Settings) -> None:
        super().__init__(
            scope,
            construct_id,
            log_group_name=name,
            retention=_RETENTION[settings.log_retention_days],
            removal_policy=RemovalPolicy.DESTROY,
        )
