"""ClientRequestToken: the same request asked for twice makes one resource."""

from __future__ import annotations

import json

from localcloud.comprehend.refusals import invalid
from localcloud.protocol import Parameters
from localcloud.roles import Place


class RequestTokens:
    """What the tokens of one operation made. Not for several threads at once."""

    def __init__(self) -> None:
        self._made: dict[tuple[Place, str], tuple[str, str]] = {}

    def made_by(self, place: Place, parameters: Parameters) -> str | None:
        """The ARN of what this request has made before. Raises ApiError when its token made something else."""
        token = parameters.get("ClientRequestToken")
        if token is None or (place, token) not in self._made:
            return None
        request, arn = self._made[place, token]
        if request != _written(parameters):
            raise invalid(f"The ClientRequestToken {token} was used before, with other parameters.")
        return arn

    def note(self, place: Place, parameters: Parameters, arn: str) -> None:
        token = parameters.get("ClientRequestToken")
        if token is not None:
            self._made[place, token] = (_written(parameters), arn)

    def forget(self, arn: str) -> None:
        """A token whose resource is gone may make it anew."""
        self._made = {key: made for key, made in self._made.items() if made[1] != arn}


def _written(parameters: Parameters) -> str:
    return json.dumps(parameters, sort_keys=True)
