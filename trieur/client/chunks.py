"""Texts by the request: as many as an endpoint takes at once."""

from collections.abc import Callable, Iterable, Iterator

from trieur.client.endpoint import Limits


def in_chunks(texts: Iterable[str], limits: Callable[[], Limits]) -> Iterator[list[str]]:
    """The texts in their order, in lists that keep to the limits as they are when each list is begun.

    Takes no more of `texts` than it gives, but for one.
    """
    chunk, size, most = list[str](), 0, limits()
    for text in texts:
        length = utf8_length(text)
        if chunk and (len(chunk) >= most.texts or size + length > most.bytes):
            yield chunk
            chunk, size, most = [], 0, limits()
        chunk.append(text)
        size += length
    if chunk:
        yield chunk


def utf8_length(text: object) -> int:
    """In bytes; halves of surrogate pairs, which UTF-8 does not have, count as three, what is no text as nothing."""
    return len(text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else 0
