"""AWS on this machine: the synthesised template runs here, unchanged, without an account and without Docker."""

from localcloud.cloud import LocalCloud
from localcloud.state import LocalCloudError

__all__ = ["LocalCloud", "LocalCloudError"]
