"""Checks a request against botocore's model of it, with the sentences AWS answers with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from localcloud.protocol import ApiError

_KINDS: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str),
}

_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{ASCII}": r"[\x00-\x7f]",
    # Anything but control, format, surrogate and private characters.
    r"\P{C}": r"[^\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ue000-\uf8ff]",
}


def validate(parameters: Mapping[str, Any], shape: Shape) -> None:
    """Raises ApiError ValidationException naming every member that breaks the model, as AWS words it.

    Members the model does not know are let through, as AWS does; a value of the wrong kind is a
    SerializationException.
    """
    broken = list(_broken(parameters, shape, ""))
    if broken:
        count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected"
        raise ApiError("ValidationException", f"{count}: {'; '.join(broken)}")


def _broken(value: Any, shape: Shape, path: str) -> Iterator[str]:
    kinds = _KINDS.get(shape.type_name)
    if kinds is not None and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
        raise ApiError("SerializationException", f"A {shape.type_name} was expected at '{path}'.")
    if isinstance(shape, StructureShape):
        for name in shape.required_members:
            if value.get(name) is None:
                yield f"Value null at '{_join(path, name)}' failed to satisfy constraint: Member must not be null"
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _broken(value[name], member, _join(path, name))
    elif isinstance(shape, ListShape):
        yield from _broken_size(value, len(value), shape, path, "length")
        for position, item in enumerate(value, start=1):
            yield from _broken(item, shape.member, f"{path}.{position}.member")
    elif isinstance(shape, MapShape):
        yield from _broken_size(value, len(value), shape, path, "length")
        for key, item in value.items():
            yield from _broken(key, shape.key, f"{path}.key")
            yield from _broken(item, shape.value, f"{path}.{key}.member")
    elif shape.type_name == "string":
        yield from _broken_string(value, shape, path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _broken_size(value, value, shape, path, "value")


def _broken_string(value: str, shape: Shape, path: str) -> Iterator[str]:
    yield from _broken_size(value, len(value), shape, path, "length")
    pattern = shape.metadata.get("pattern")
    compiled = _compiled(pattern) if pattern is not None else None
    if compiled is not None and not compiled.fullmatch(value):
        yield _constraint(value, path, f"satisfy regular expression pattern: {pattern}")
    choices = shape.metadata.get("enum")
    if choices is not None and value not in choices:
        yield _constraint(value, path, f"satisfy enum value set: [{', '.join(choices)}]")


def _broken_size(value: Any, size: float, shape: Shape, path: str, measure: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _constraint(value, path, f"have {measure} greater than or equal to {least}")
    if most is not None and size > most:
        yield _constraint(value, path, f"have {measure} less than or equal to {most}")


def _constraint(value: Any, path: str, what: str) -> str:
    shown = str(value) if len(str(value)) <= 200 else f"{str(value)[:200]}..."
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: Member must {what}"


def _join(path: str, name: str) -> str:
    member = name[:1].lower() + name[1:]
    return f"{path}.{member}" if path else member


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """AWS's patterns are Java's: its Unicode classes have no name in Python's and a near one in their place.

    None for the few patterns, of members this local AWS does not offer, that Python cannot read.
    """
    translated = pattern
    for theirs, ours in _CLASSES.items():
        translated = translated.replace(theirs, ours)
    try:
        return re.compile(translated)
    except re.error:
        return None
