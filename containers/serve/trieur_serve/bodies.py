"""The body of a request, as it arrives: kept, or read and thrown away where the request is refused."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from trieur_serve.admission import Share
from trieur_serve.refusals import Refused

MOST_BYTES = 6 * 1024 * 1024
# A refused body is read to here before the refusal is sent: a client that is still sending would otherwise see a broken
# connection instead.
MOST_BYTES_READ = 10 * MOST_BYTES
SECONDS = 60.0


class Body:
    """Of one request; `seconds` is how long all of it may take to arrive."""

    def __init__(self, request: Request, seconds: float = SECONDS) -> None:
        self._request = request
        self._seconds = seconds
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._size = 0
        self._whole = False
        # Such a client sends nothing before it has been told to, or refused.
        self._asks_first = request.headers.get("expect", "").lower() == "100-continue"

    async def read(self, share: Share) -> bytes:
        """All of it. Raises Refused (408, 413, 503 by `share`) and ClientDisconnect."""
        if self._asks_first and self._announced > MOST_BYTES:
            raise _too_large()
        chunks = []
        try:
            async with asyncio.timeout_at(self._deadline):
                while not self._whole:
                    chunk = await self._chunk()
                    if self._size > MOST_BYTES:
                        raise _too_large()
                    share.take_bytes(len(chunk))
                    chunks.append(chunk)
        except TimeoutError as error:
            raise Refused(408, f"The body did not arrive within {self._seconds:g} seconds.") from error
        return b"".join(chunks)

    async def discard(self) -> bool:
        """Reads what is left of a refused body. False if the connection cannot be used any further."""
        if self._asks_first:
            return False
        try:
            async with asyncio.timeout_at(self._deadline):
                while not self._whole and self._size <= MOST_BYTES_READ:
                    await self._chunk()
        except TimeoutError:
            pass
        return self._whole

    async def _chunk(self) -> bytes:
        message = await self._request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        # It has been told to go on, by the server's own asking.
        self._asks_first = False
        chunk: bytes = message.get("body", b"")
        self._size += len(chunk)
        self._whole = not message.get("more_body", False)
        return chunk

    @property
    def _announced(self) -> int:
        # h11 has checked that it is a number.
        return int(self._request.headers.get("content-length", 0))


def _too_large() -> Refused:
    return Refused(413, f"The body is larger than {MOST_BYTES} bytes (6 MB); send it in parts.")
