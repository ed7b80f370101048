"""The public Lambda layer of Powertools, which brings pydantic too."""

from typing import Final

from infra.settings import Settings

_PUBLISHERS: Final = {
    "cn-north-1": ("aws-cn", "498634801083"),
    "us-gov-east-1": ("aws-us-gov", "165087284144"),
    "us-gov-west-1": ("aws-us-gov", "165093116878"),
}
_PUBLISHER_ELSEWHERE: Final = ("aws", "017000801446")


def layer_arn(settings: Settings) -> str:
    """The layer for Python 3.14 on arm64 in the deployment's region."""
    partition, publisher = _PUBLISHERS.get(settings.region, _PUBLISHER_ELSEWHERE)
    return (
        f"arn:{partition}:lambda:{settings.region}:{publisher}:layer"
        f":AWSLambdaPowertoolsPythonV3-python314-arm64:{settings.powertools_layer_version}"
    )
