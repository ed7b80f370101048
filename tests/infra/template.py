"""A synthesised template as people read it: references replaced by the names and ARNs they will have."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"


@dataclass(frozen=True)
class Assembly:
    """A cloud assembly on disk."""

    folder: Path

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    @property
    def stack(self) -> str:
        (template,) = self.folder.glob("*.template.json")
        return template.name.removesuffix(".template.json")

    @property
    def template_file(self) -> Path:
        return self.folder / f"{self.stack}.template.json"

    @property
    def template(self) -> "Template":
        return Template(self.read(self.template_file.name), self.region)

    @property
    def region(self) -> str:
        environment: str = self.read("manifest.json")["artifacts"][self.stack]["environment"]
        return environment.rsplit("/", 1)[1]

    @property
    def assets(self) -> dict[str, Any]:
        return dict(self.read(f"{self.stack}.assets.json"))

    @property
    def lambda_code(self) -> Path:
        """The folder that is zipped for the functions."""
        code: str
        (code,) = {
            asset["source"]["path"] for asset in self.assets["files"].values() if asset["source"]["packaging"] == "zip"
        }
        return self.folder / code


@dataclass(frozen=True)
class Statement:
    """One permission: an action on a resource under conditions (as JSON)."""

    action: str
    resource: str
    conditions: str = "{}"


class Template:
    def __init__(self, document: dict[str, Any], region: str) -> None:
        self.document = document
        self.region = region
        self._resources: dict[str, Any] = document["Resources"]

    def of_type(self, type_: str) -> dict[str, dict[str, Any]]:
        """Logical id to resolved properties."""
        return {
            logical_id: self.resolve(resource.get("Properties", {}))
            for logical_id, resource in self._resources.items()
            if resource["Type"] == type_
        }

    def named(self, type_: str, key: str, name: str) -> dict[str, Any]:
        """The properties of the resource of a type whose property `key` is `name`."""
        (found,) = [properties for properties in self.of_type(type_).values() if properties.get(key) == name]
        return found

    def only(self, type_: str) -> dict[str, Any]:
        (found,) = self.of_type(type_).values()
        return found

    def raw(self, type_: str) -> dict[str, dict[str, Any]]:
        """Logical id to resource, as it stands in the template."""
        return {key: resource for key, resource in self._resources.items() if resource["Type"] == type_}

    def function(self, name: str) -> dict[str, Any]:
        return self.named("AWS::Lambda::Function", "FunctionName", name)

    def rule(self, name: str) -> dict[str, Any]:
        return self.named("AWS::Events::Rule", "Name", name)

    def definition(self, name: str) -> dict[str, Any]:
        """The definition of the state machine of that name."""
        machine = self.named("AWS::StepFunctions::StateMachine", "StateMachineName", name)
        return dict(json.loads(machine["DefinitionString"]))

    def role(self, description: str) -> dict[str, Any]:
        """The role of that description."""
        return self.named("AWS::IAM::Role", "Description", description)

    def permissions(self, description: str) -> set[Statement]:
        """All that the role of that description may do. Fails on anything but plain `Allow` statements."""
        (role,) = [
            logical_id
            for logical_id, role in self.of_type("AWS::IAM::Role").items()
            if role["Description"] == description
        ]
        assert set(self.of_type("AWS::IAM::Role")[role]) == {"Description", "AssumeRolePolicyDocument"}
        return {
            statement
            for policy in self.raw("AWS::IAM::Policy").values()
            if policy["Properties"]["Roles"] == [{"Ref": role}]
            for statement in self._statements(policy["Properties"]["PolicyDocument"])
        }

    def _statements(self, document: Any) -> Iterator[Statement]:
        for statement in self.resolve(document)["Statement"]:
            assert statement["Effect"] == "Allow"
            assert set(statement) <= {"Effect", "Action", "Resource", "Condition", "Sid"}
            conditions = json.dumps(statement.get("Condition", {}), sort_keys=True)
            for action in as_list(statement["Action"]):
                for resource in as_list(statement["Resource"]):
                    yield Statement(action, resource, conditions)

    def resolve(self, value: Any) -> Any:
        match value:
            case {"Ref": "AWS::AccountId"}:
                return ACCOUNT
            case {"Ref": "AWS::Region"}:
                return self.region
            case {"Ref": str(logical_id)}:
                return self._reference(logical_id)
            case {"Fn::GetAtt": [str(logical_id), "Arn"]}:
                return self._arn(logical_id)
            case {"Fn::GetAtt": [str(logical_id), "QueueName"]}:
                return self._name(logical_id)
            case {"Fn::Join": [str(delimiter), list(parts)]}:
                return delimiter.join(self.resolve(part) for part in parts)
            case {"Fn::Sub": str(text)}:
                text = text.replace("${AWS::AccountId}", ACCOUNT).replace("${AWS::URLSuffix}", "amazonaws.com")
                assert "${" not in text
                return text
            case dict():
                assert not any(key.startswith("Fn::") for key in value), value
                return {key: self.resolve(item) for key, item in value.items()}
            case list():
                return [self.resolve(item) for item in value]
        return value

    def _reference(self, logical_id: str) -> str:
        type_ = self._resources[logical_id]["Type"]
        if type_ in ("AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"):
            return self._arn(logical_id)
        return self._name(logical_id)

    def _name(self, logical_id: str) -> str:
        properties = self._resources[logical_id]["Properties"]
        names = ("BucketName", "FunctionName", "LogGroupName", "QueueName", "TopicName", "StateMachineName", "Name")
        for name in names:
            if name in properties:
                return str(self.resolve(properties[name]))
        return logical_id

    def _arn(self, logical_id: str) -> str:
        name = self._name(logical_id)
        place = f"{self.region}:{ACCOUNT}"
        match self._resources[logical_id]["Type"]:
            case "AWS::S3::Bucket":
                return f"arn:aws:s3:::{name}"
            case "AWS::IAM::Role":
                return f"arn:aws:iam::{ACCOUNT}:role/{name}"
            case "AWS::Lambda::Function":
                return f"arn:aws:lambda:{place}:function:{name}"
            case "AWS::Logs::LogGroup":
                return f"arn:aws:logs:{place}:log-group:{name}:*"
            case "AWS::SQS::Queue":
                return f"arn:aws:sqs:{place}:{name}"
            case "AWS::SNS::Topic":
                return f"arn:aws:sns:{place}:{name}"
            case "AWS::StepFunctions::StateMachine":
                return f"arn:aws:states:{place}:stateMachine:{name}"
            case "AWS::CloudWatch::Alarm":
                return f"arn:aws:cloudwatch:{place}:alarm:{name}"
            case "AWS::Events::Rule":
                return f"arn:aws:events:{place}:rule/{name}"
        raise AssertionError(f"no ARN is known for {logical_id}")


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
