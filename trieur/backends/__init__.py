"""The backends, behind one protocol."""

from trieur.backends.base import Backend
from trieur.backends.camembert import CamembertBackend
from trieur.deployment import Clients, Deployment
from trieur.settings import Backend as BackendName


def backend_named(name: BackendName, deployment: Deployment, clients: Clients) -> Backend:
    """The backend that a run's settings name."""
    backends: dict[BackendName, type[CamembertBackend]] = {"camembert": CamembertBackend}
    return backends[name](deployment, clients)
