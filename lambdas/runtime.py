"""What every handler needs once per Lambda environment."""

from functools import cache

from aws_lambda_powertools import Logger

from trieur.deployment import Clients, Deployment

# Named after the core, so that what it logs comes out as JSON too.
logger = Logger(service="trieur", logger_name="trieur")


@cache
def deployment() -> Deployment:
    return Deployment.from_environment()


@cache
def clients() -> Clients:
    return Clients()
