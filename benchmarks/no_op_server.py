"""Answers at once, always the same: against it the load generator measures itself.

python -m benchmarks.no_op_server PORT
"""

import asyncio
import sys

BODY = b'[{"Class": "WHO_IS", "Probability": 0.5}, {"Class": "HOW_ARE_YOU", "Probability": 0.5}]'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)


class Answering(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, _data: bytes) -> None:
        # The generator sends a request in one piece, and the next one only after the answer.
        self._transport.write(ANSWER)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
