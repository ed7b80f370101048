"""The Lambda functions of the pipeline, each with what it may do and no more."""

from collections.abc import Sequence

from constructs import Construct

from infra.functions.check_model_status import CheckModelStatus
from infra.functions.create_endpoint import CreateEndpoint
from infra.functions.function import Function
from infra.functions.start_training import StartTraining
from infra.functions.surroundings import Surroundings


class Functions(Construct):
    """`start_training`, `check_model_status` and `create_endpoint`."""

    def __init__(self, scope: Construct, construct_id: str, *, surroundings: Surroundings) -> None:
        super().__init__(scope, construct_id)
        self.start_training = StartTraining(self, "StartTraining", surroundings=surroundings)
        self.check_model_status = CheckModelStatus(self, "CheckModelStatus", surroundings=surroundings)
        self.create_endpoint = CreateEndpoint(self, "CreateEndpoint", surroundings=surroundings)

    @property
    def all(self) -> Sequence[Function]:
        return (self.start_training, self.check_model_status, self.create_endpoint)
