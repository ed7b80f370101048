"""The camembert backend: our training and inference containers on SageMaker."""

from trieur.backends.base import Backend
from trieur.backends.camembert.batches import CamembertBatches
from trieur.backends.camembert.endpoints import CamembertEndpoints
from trieur.backends.camembert.training import CamembertTraining
from trieur.deployment import Clients, Deployment


def connect(deployment: Deployment, clients: Clients) -> Backend:
    return Backend(
        training=CamembertTraining(deployment, clients),
        endpoints=CamembertEndpoints(deployment, clients),
        batches=CamembertBatches(deployment, clients),
    )
