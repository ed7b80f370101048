"""The function every dropped dataset comes to."""

from aws_cdk import Duration
from constructs import Construct

from infra.buckets import DATASETS, RUNS
from infra.functions.function import Function
from infra.functions.grants import UPLOAD
from infra.functions.surroundings import Surroundings


class StartTraining(Function):
    """Makes a run of a dropped dataset: checks and splits it, starts its training."""

    def __init__(self, scope: Construct, construct_id: str, *, surroundings: Surroundings) -> None:
        # Memory buys processor time too: a million examples need most of one core and 1.5 GB.
        super().__init__(
            scope,
            construct_id,
            handler="start_training",
            description="Makes a run of a dropped dataset: checks and splits it, starts its training",
            memory_mb=3008,
            timeout=Duration.minutes(5),
            surroundings=surroundings,
        )
        grants = self.grants
        grants.inbox(f"{DATASETS}*", "GetObject", "GetObjectVersion")
        grants.artifacts(f"{RUNS}*", "GetObject", *UPLOAD)
        grants.sagemaker("training-job", "AddTags", "CreateTrainingJob", "DescribeTrainingJob")
        grants.pass_to_sagemaker(surroundings.training_role)
        grants.comprehend(
            "document-classifier", "CreateDocumentClassifier", "DescribeDocumentClassifier", "TagResource"
        )
        grants.pass_to_comprehend()
        grants.lend_comprehend_key()
        grants.follow_runs()
        grants.notify()
        self.keep_failures()
