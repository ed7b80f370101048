"""The inbox, where datasets and texts are dropped, and the artifacts bucket, where runs and batches leave what they
make."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.settings import Settings

DATASETS: Final = "datasets/"
REQUESTS: Final = "batch/"
RUNS: Final = "runs/"
BATCHES: Final = "batches/"
BASE_MODELS: Final = "base-models/"
CHECKPOINTS: Final = "checkpoints/"


class Buckets(Construct):
    """Both buckets and the one that records who read them: encrypted, TLS only, private, versioned."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self._access_logs = self._bucket(
            "AccessLogs",
            name="access-logs",
            rules=[s3.LifecycleRule(id="forget", expiration=Duration.days(settings.log_retention_days))],
            versioned=False,
        )
        self.inbox = self._bucket(
            "Inbox",
            name="inbox",
            # A run's lineage names the version of the dataset it was made of.
            rules=[_forget_old_versions(Duration.days(365))],
            logged=True,
        )
        self.artifacts = self._bucket(
            "Artifacts",
            name="artifacts",
            rules=[
                _forget_old_versions(Duration.days(30)),
                # Runs never expire: an endpoint reads its model again whenever it scales, however old the run.
                _store_cheaply("store-old-runs-cheaply", RUNS),
                _store_cheaply("store-old-batches-cheaply", BATCHES),
                # A training goes on from its last one within two days, or never. Each replaces the one before.
                s3.LifecycleRule(
                    id="forget-checkpoints",
                    prefix=CHECKPOINTS,
                    expiration=Duration.days(7),
                    noncurrent_version_expiration=Duration.days(1),
                ),
            ],
            logged=True,
        )
        self._notify_event_bridge(self.inbox)

    def _bucket(
        self,
        construct_id: str,
        *,
        name: str,
        rules: Sequence[s3.LifecycleRule],
        versioned: bool = True,
        logged: bool = False,
    ) -> s3.Bucket:
        settings = self._settings
        return s3.Bucket(
            self,
            construct_id,
            bucket_name=f"{settings.name}-{name}-{settings.account or Aws.ACCOUNT_ID}-{settings.region}",
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=versioned,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="abort-incomplete-uploads", abort_incomplete_multipart_upload_after=Duration.days(7)
                ),
                *rules,
            ],
            server_access_logs_bucket=self._access_logs if logged else None,
            server_access_logs_prefix=f"{name}/" if logged else None,
            # Not RETAIN: a first deployment that fails would leave empty buckets in the way of the next one.
            removal_policy=(
                RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if settings.retain_data else RemovalPolicy.DESTROY
            ),
        )

    @staticmethod
    def _notify_event_bridge(bucket: s3.Bucket) -> None:
        # The bucket's own `event_bridge_enabled` brings a custom resource and its Lambda; S3 needs neither.
        resource = bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )


def _forget_old_versions(after: Duration) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        id="forget-old-versions", noncurrent_version_expiration=after, expired_object_delete_marker=True
    )


def _store_cheaply(rule_id: str, prefix: str) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        id=rule_id,
        prefix=prefix,
        transitions=[
            s3.Transition(storage_class=s3.StorageClass.INTELLIGENT_TIERING, transition_after=Duration.days(30))
        ],
    )
