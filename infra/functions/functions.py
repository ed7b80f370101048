"""The Lambda functions of the pipeline, each with what it may do and no more."""

from collections.abc import Sequence

from constructs import Construct

from infra.functions.check_batch import CheckBatch
from infra.functions.check_model_status import CheckModelStatus
from infra.functions.create_endpoint import CreateEndpoint
from infra.functions.expire_endpoints import ExpireEndpoints
from infra.functions.function import Function
from infra.functions.start_batch import StartBatch
from infra.functions.start_endpoint import StartEndpoint
from infra.functions.start_training import StartTraining
from infra.functions.surroundings import Surroundings


class Functions(Construct):
    """All of them; `expire_endpoints` only where there is Comprehend, whose endpoints cost money while idle."""

    def __init__(self, scope: Construct, construct_id: str, *, surroundings: Surroundings) -> None:
        super().__init__(scope, construct_id)
        self.start_training = StartTraining(self, "StartTraining", surroundings=surroundings)
        self.check_model_status = CheckModelStatus(self, "CheckModelStatus", surroundings=surroundings)
        self.create_endpoint = CreateEndpoint(self, "CreateEndpoint", surroundings=surroundings)
        self.start_batch = StartBatch(self, "StartBatch", surroundings=surroundings)
        self.check_batch = CheckBatch(self, "CheckBatch", surroundings=surroundings)
        self.start_endpoint = StartEndpoint(self, "StartEndpoint", surroundings=surroundings)
        self.expire_endpoints = (
            ExpireEndpoints(self, "ExpireEndpoints", surroundings=surroundings)
            if surroundings.settings.has_comprehend
            else None
        )

    @property
    def all(self) -> Sequence[Function]:
        always = (
            self.start_training,
            self.check_model_status,
            self.create_endpoint,
            self.start_batch,
            self.check_batch,
            self.start_endpoint,
        )
        return always if self.expire_endpoints is None else (*always, self.expire_endpoints)
