"""AddTags, ListTags, DeleteTags."""

from __future__ import annotations

import localcloud.tags
from localcloud.ministack import Caller
from localcloud.protocol import Parameters


class Tags(localcloud.tags.Tags):
    def __init__(self) -> None:
        super().__init__(unknown="ValidationException", too_many="ResourceLimitExceeded", invalid="ValidationException")

    def add(self, _caller: Caller, parameters: Parameters) -> Parameters:
        self.merge(parameters["ResourceArn"], parameters)
        return {"Tags": self.listed(parameters["ResourceArn"])}

    def list(self, _caller: Caller, parameters: Parameters) -> Parameters:
        return {"Tags": self.listed(parameters["ResourceArn"])}

    def delete(self, _caller: Caller, parameters: Parameters) -> Parameters:
        self.remove(parameters["ResourceArn"], parameters["TagKeys"])
        return {}
