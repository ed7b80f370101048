"""The comprehend backend: custom classification by Amazon Comprehend."""

from trieur.backends.base import Backend
from trieur.backends.comprehend.batches import ComprehendBatches
from trieur.backends.comprehend.endpoints import ComprehendEndpoints
from trieur.backends.comprehend.evaluation import ComprehendEvaluation
from trieur.backends.comprehend.training import ComprehendTraining
from trieur.deployment import Clients, Deployment


def connect(deployment: Deployment, clients: Clients) -> Backend:
    return Backend(
        training=ComprehendTraining(deployment, clients),
        endpoints=ComprehendEndpoints(deployment, clients),
        batches=ComprehendBatches(deployment, clients),
        evaluation=ComprehendEvaluation(deployment, clients),
    )
