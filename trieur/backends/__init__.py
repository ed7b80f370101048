"""The backends, behind one protocol."""

from trieur.backends import camembert, comprehend
from trieur.backends.base import Backend
from trieur.deployment import Clients, Deployment
from trieur.settings import Backend as BackendName


def backend_named(name: BackendName, deployment: Deployment, clients: Clients) -> Backend:
    """The backend that a run's settings name."""
    return {"camembert": camembert.connect, "comprehend": comprehend.connect}[name](deployment, clients)
