"""Which regions have Amazon Comprehend, by botocore's own list."""

from functools import cache

from botocore.exceptions import UnknownRegionError
from botocore.loaders import create_loader
from botocore.regions import EndpointResolver


def has_comprehend(region: str) -> bool:
    resolver = _resolver()
    return any(region in _with_comprehend(partition) for partition in resolver.get_available_partitions())


def regions_with_comprehend(region: str) -> list[str]:
    """Those that an account of `region` could take instead, where there are any; the European ones first."""
    try:
        partition = _resolver().get_partition_for_region(region)
    except UnknownRegionError:
        partition = "aws"
    found = _with_comprehend(partition) or _with_comprehend("aws")
    return sorted(found, key=lambda name: (not name.startswith("eu-"), name))


def _with_comprehend(partition: str) -> list[str]:
    return list(_resolver().get_available_endpoints("comprehend", partition))


@cache
def _resolver() -> EndpointResolver:
    # Not a session's, which begins by looking for the profile that the environment names.
    return EndpointResolver(create_loader().load_data("endpoints"))
