"""The asynchronous client: the same questions, asked in threads of its own."""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import cached_property
from types import TracebackType
from typing import Self, overload

from trieur.client.asking import Answer
from trieur.client.base import CHUNKS_AHEAD, AskedClassifier
from trieur.client.chunks import in_chunks
from trieur.client.classifier import placed, require_prediction, require_several
from trieur.client.errors import TextRefused
from trieur.client.prediction import Prediction


class AsyncClassifier(AskedClassifier):
    """A live classifier, for asyncio; its arguments, answers and errors are trieur.client.Classifier's.

        async with AsyncClassifier("questions") as classifier:
            prediction = await classifier.predict("Qui est Marie Curie ?")

    At most `connections` requests are under way at once, however many tasks ask; the others wait their turn. A task
    that is cancelled gets its CancelledError at once: its question is not asked, or not asked again.
    """

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._connections, thread_name_prefix=f"ask-{self.name}")

    @overload
    async def predict(self, text: str) -> Prediction: ...
    @overload
    async def predict(self, text: list[str] | tuple[str, ...]) -> list[Prediction]: ...
    async def predict(self, text: str | list[str] | tuple[str, ...]) -> Prediction | list[Prediction]:
        """The prediction of one text or, of a list, one of each in its order: see `predict_many`."""
        if not isinstance(text, str):
            return await self.predict_many(text)
        [answer] = await self._answers([text])
        return require_prediction(answer)

    async def predict_many(self, texts: Iterable[str] | AsyncIterable[str]) -> list[Prediction]:
        """One prediction a text, in their order, asked many at a time.

        Raises TextRefused for the first text that is refused, with its `position`; `stream` goes on after it.
        """
        async with aclosing(self.stream(texts)) as answers:
            return [require_prediction(answer) async for answer in answers]

    async def stream(self, texts: Iterable[str] | AsyncIterable[str]) -> AsyncGenerator[Prediction | TextRefused, None]:
        """For each text, in their order, its prediction or why it was refused; see trieur.client.Classifier.stream."""
        require_several(texts)
        under_way, room = (
            asyncio.Queue[asyncio.Task[list[Answer]] | None](),
            asyncio.Semaphore(self._connections * CHUNKS_AHEAD),
        )

        async def ask() -> None:
            try:
                async for chunk in self._chunks(texts):
                    under_way.put_nowait(asyncio.create_task(self._answers(chunk)))
                    await room.acquire()
            finally:
                under_way.put_nowait(None)

        # Apart, so that no answer is kept back for texts that are still to come.
        asking, position = asyncio.create_task(ask()), 0
        try:
            while (task := await under_way.get()) is not None:
                for answer in await task:
                    yield placed(answer, position)
                    position += 1
                room.release()
            await asking
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            left = [task for _ in range(under_way.qsize()) if (task := under_way.get_nowait())]
            for task in left:
                task.cancel()
            # What the others came to is of no interest any more, but has to be looked at.
            await asyncio.gather(*left, return_exceptions=True)

    async def _chunks(self, texts: Iterable[str] | AsyncIterable[str]) -> AsyncIterator[list[str]]:
        if not isinstance(texts, AsyncIterable):
            for chunk in in_chunks(texts, lambda: self._asker.limits):
                yield chunk
            return
        # A request is not kept back for texts that are still to come.
        async for text in texts:
            yield [text]

    async def _answers(self, texts: Sequence[str]) -> list[Answer]:
        given_up = threading.Event()
        asked = self._threads.submit(self._asker.answers, texts, given_up)
        try:
            return await asyncio.wrap_future(asked)
        finally:
            given_up.set()

    async def aclose(self) -> None:
        """Wait for the requests under way, drop those that wait their turn, and close the connections.

        A question asked afterwards raises RuntimeError.
        """
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)
        self._services.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()
