"""The asynchronous client against HTTP doubles of the services."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.unit.runtime_double import RuntimeDouble, aws_error, container_error
from trieur.client import AsyncClassifier, NoSuchEndpoint, Prediction, TextRefused

Ask = Callable[[AsyncClassifier], Awaitable[object]]


def asked(ask: Ask, connections: int = 4) -> object:
    async def main() -> object:
        async with AsyncClassifier("questions", connections=connections) as classifier:
            return await ask(classifier)

    return asyncio.run(main())


def labels(predictions: object) -> list[str]:
    assert isinstance(predictions, list)
    return [one.label for one in predictions]


@pytest.mark.usefixtures("double")
def test_one_text_and_many() -> None:
    async def ask(classifier: AsyncClassifier) -> list[Prediction]:
        one = await classifier.predict("Qui est-ce ?")
        assert (classifier.backend, classifier.endpoint) == ("camembert", "trieur-questions")
        return [one, *await classifier.predict(["Qui est-ce ?"] * 2), *await classifier.predict_many(["Qui ?"] * 200)]

    assert labels(asked(ask)) == ["WHO_IS"] * 203


def test_tasks_share_its_connections(double: RuntimeDouble) -> None:
    async def ask(classifier: AsyncClassifier) -> list[Prediction]:
        await classifier.predict("Qui est-ce ?")
        return list(await asyncio.gather(*(classifier.predict(f"Qui est n° {n} ?") for n in range(30))))

    assert labels(asked(ask, connections=3)) == ["WHO_IS"] * 30
    assert double.most_at_once <= 3


def test_a_stream_of_texts_that_come_in_by_and_by(double: RuntimeDouble) -> None:
    double.refuses = lambda texts: container_error(400, "texts[0] is too long.") if "long" in texts else None

    async def texts() -> AsyncIterator[str]:
        for text in ("Qui est-ce ?", "long", "Qui ?"):
            await asyncio.sleep(0)
            yield text

    async def ask(classifier: AsyncClassifier) -> list[object]:
        return [answer async for answer in classifier.stream(texts())]

    first, second, third = asked(ask)  # type: ignore[misc]
    assert (first.label, third.label) == ("WHO_IS", "WHO_IS")
    assert (type(second), second.position) == (TextRefused, 1)


@pytest.mark.usefixtures("double")
def test_no_answer_is_kept_back_for_texts_that_are_still_to_come() -> None:
    answered = asyncio.Event()

    async def texts() -> AsyncIterator[str]:
        yield "Qui est-ce ?"
        await asyncio.wait_for(answered.wait(), 30)
        yield "Qui ?"

    async def ask(classifier: AsyncClassifier) -> list[object]:
        answers = []
        async for answer in classifier.stream(texts()):
            answered.set()
            answers.append(answer)
        return answers

    assert labels(asked(ask)) == ["WHO_IS"] * 2


def test_errors_are_the_same(double: RuntimeDouble) -> None:
    double.camembert = set()
    with pytest.raises(NoSuchEndpoint):
        asked(lambda classifier: classifier.predict("Qui est-ce ?"))
    with pytest.raises(NoSuchEndpoint):
        asked(lambda classifier: classifier.predict_many(["Qui est-ce ?"] * 999))
    double.camembert = {"trieur-questions"}
    with pytest.raises(TextRefused, match="Text 2: The text is empty"):
        asked(lambda classifier: classifier.predict_many(["Qui est-ce ?", ""]))
    with pytest.raises(TypeError, match="give a list"):
        asked(lambda classifier: classifier.predict_many("Qui est-ce ?"))


def test_who_is_cancelled_waits_no_longer_and_asks_no_more(double: RuntimeDouble) -> None:
    double.refuses = lambda _texts: (429, aws_error("ModelNotReadyException", "Not yet."))

    async def ask(classifier: AsyncClassifier) -> float:
        task = asyncio.create_task(classifier.predict("Qui est-ce ?"))
        while not double.asked:
            await asyncio.sleep(0.01)
        begun = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await classifier.aclose()
        return time.monotonic() - begun

    # The client's patience would have lasted a minute.
    assert asked(ask) < 30  # type: ignore[operator]


def test_a_cancelled_stream_leaves_no_thread_behind(double: RuntimeDouble) -> None:
    async def ask(classifier: AsyncClassifier) -> None:
        await classifier.predict("Qui est-ce ?")
        double.hold.clear()
        task = asyncio.create_task(classifier.predict_many(["Qui est-ce ?"] * 5000))
        while double.at_once < 4:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        double.hold.set()

    asked(ask)
    # The request that found the endpoint, and those under way.
    assert len(double.asked) == 5
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ask-questions")]
