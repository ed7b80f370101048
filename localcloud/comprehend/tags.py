"""TagResource, UntagResource, ListTagsForResource."""

from __future__ import annotations

import localcloud.tags
from localcloud.ministack import Caller
from localcloud.protocol import Parameters


class Tags(localcloud.tags.Tags):
    def __init__(self) -> None:
        super().__init__(
            unknown="ResourceNotFoundException", too_many="TooManyTagsException", invalid="InvalidRequestException"
        )

    def tag(self, _caller: Caller, parameters: Parameters) -> Parameters:
        self.merge(parameters["ResourceArn"], parameters)
        return {}

    def untag(self, _caller: Caller, parameters: Parameters) -> Parameters:
        self.remove(parameters["ResourceArn"], parameters["TagKeys"])
        return {}

    def list(self, _caller: Caller, parameters: Parameters) -> Parameters:
        return {"ResourceArn": parameters["ResourceArn"], "Tags": self.listed(parameters["ResourceArn"])}
