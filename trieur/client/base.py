"""What the synchronous and the asynchronous client have in common."""

from typing import TYPE_CHECKING, Final, Self

from trieur.client.asking import Asker
from trieur.client.errors import Unreachable
from trieur.client.patience import Patience
from trieur.client.services import Services
from trieur.dataset.model import Mode
from trieur.settings import Backend

if TYPE_CHECKING:
    import boto3

CONNECTIONS: Final = 4
PATIENCE_SECONDS: Final = 60.0
# For each connection, what is asked or waits to be: the next request is ready before an answer is taken.
CHUNKS_AHEAD: Final = 2


class AskedClassifier:
    """A classifier's name, and all it takes to ask its endpoint. See trieur.client.Classifier."""

    def __init__(
        self,
        name: str,
        *,
        backend: Backend | None = None,
        deployment: str = "trieur",
        session: "boto3.Session | None" = None,
        region: str | None = None,
        endpoint_url: str | None = None,
        mode: Mode | None = None,
        threshold: float | None = None,
        connections: int = CONNECTIONS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        if connections < 1:
            raise ValueError(f"connections is {connections}: at least one is needed.")
        self._connections = connections
        self._services = Services(session, region, endpoint_url, connections)
        self._asker = Asker(
            name,
            backend=backend,
            deployment=deployment,
            services=self._services,
            patience=Patience(patience),
            mode=mode,
            threshold=threshold,
        )

    @classmethod
    def local(
        cls,
        name: str,
        *,
        backend: Backend | None = None,
        deployment: str = "trieur",
        mode: Mode | None = None,
        threshold: float | None = None,
        connections: int = CONNECTIONS,
        patience: float = PATIENCE_SECONDS,
    ) -> Self:
        """The classifier in the local AWS that `trieur local up` started. Raises Unreachable where none runs."""
        from trieur.account.errors import AccountError
        from trieur.account.local import LocalAws

        try:
            session = LocalAws.find().session()
        except AccountError as error:
            raise Unreachable(str(error)) from error
        return cls(
            name,
            backend=backend,
            deployment=deployment,
            session=session,
            mode=mode,
            threshold=threshold,
            connections=connections,
            patience=patience,
        )

    @property
    def name(self) -> str:
        return self._asker.classifier

    @property
    def backend(self) -> Backend | None:
        """The backend that is asked; None before an answer, where none was given."""
        chosen = self._asker.chosen
        return chosen.backend if chosen else None

    @property
    def endpoint(self) -> str | None:
        """The name of the endpoint that is asked; None before an answer, where no backend was given."""
        chosen = self._asker.chosen
        return chosen.name if chosen else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, backend={self.backend!r})"
