"""What a soak sends: texts of every length in every form that is taken, and requests of every kind that is refused."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from benchmarks.load import Check, Request, http_request
from benchmarks.served import check_prediction, is_prediction

SEED: Final = 13
REQUESTS: Final = 2_000
BAD_SHARE: Final = 0.05
# How many in a hundred of the good ones.
PARAGRAPHS, LONG_TEXTS, LISTS = 10, 3, 7
PARAGRAPH_CHARACTERS: Final = (200, 900)
LONG_CHARACTERS: Final = (2_000, 8_000)
MOST_TEXTS: Final = 8
MOST_BYTES: Final = 6 * 1024 * 1024
JSON, LINES, TEXT = "application/json", "application/jsonlines", "text/plain"


def mixed_requests(questions: Sequence[str]) -> list[Request]:
    """REQUESTS of them, always the same, in an order in which kinds do not come together."""
    chance = random.Random(SEED)
    makers = [short] * (100 - PARAGRAPHS - LONG_TEXTS - LISTS)
    makers += [paragraph] * PARAGRAPHS + [long_text] * LONG_TEXTS + [several] * LISTS
    bad = list(bad_requests())
    made = [bad[number % len(bad)] for number in range(int(REQUESTS * BAD_SHARE))]
    made += [makers[number % len(makers)](questions, chance) for number in range(REQUESTS - len(made))]
    chance.shuffle(made)
    return made


def short(questions: Sequence[str], chance: random.Random) -> Request:
    return one(chance.choice(questions), chance)


def paragraph(questions: Sequence[str], chance: random.Random) -> Request:
    return one(joined(questions, chance, chance.randint(*PARAGRAPH_CHARACTERS)), chance)


def long_text(questions: Sequence[str], chance: random.Random) -> Request:
    return one(joined(questions, chance, chance.randint(*LONG_CHARACTERS)), chance)


def several(questions: Sequence[str], chance: random.Random) -> Request:
    texts = [chance.choice(questions) for _ in range(chance.randint(2, MOST_TEXTS))]
    if chance.random() < 0.5:
        return Request(http_request(json.dumps({"texts": texts}).encode(), JSON), predictions(len(texts), json.loads))
    lines = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    return Request(http_request(lines.encode(), LINES), predictions(len(texts), read_lines))


def one(text: str, chance: random.Random) -> Request:
    if chance.random() < 0.5:
        return Request(http_request(text.encode(), TEXT), check_prediction)
    return Request(http_request(json.dumps({"text": text}).encode(), JSON), check_prediction)


def joined(questions: Sequence[str], chance: random.Random, characters: int) -> str:
    text = ""
    while len(text) < characters:
        text += chance.choice(questions) + " "
    return text[:characters].strip()


def bad_requests() -> Iterator[Request]:
    """One of each kind, with the statuses that may refuse it."""
    bodies: list[tuple[bytes, str, int]] = [
        (b"", JSON, 400),
        (b"", TEXT, 400),
        (b'{"text": "Qui est', JSON, 400),
        (b'{"text": 12}', JSON, 400),
        (b'{"texts": []}', JSON, 400),
        (b'{"texts": ["Qui ?", null]}', JSON, 400),
        (b'{"question": "Qui est-ce ?"}', JSON, 400),
        (b'{"text": "a", "texts": ["b"]}', JSON, 400),
        (b"[" * 5_000 + b"]" * 5_000, JSON, 400),
        (b'{"text": "nul \\u0000"}', JSON, 400),
        (b'{"text": "half \\ud83d"}', JSON, 400),
        (b"\xff\xfe\xfa", TEXT, 400),
        (b'{"text": "one"}\n\n{"text": "two"}\n', LINES, 400),
        (b'{"text": "one"}\n{"text": \n', LINES, 400),
        (b"<text>Qui est-ce ?</text>", "application/xml", 415),
        (b"Qui est-ce ?", "text/plain; charset=utf-7", 415),
        (b"x" * (MOST_BYTES + 1), TEXT, 413),
    ]
    for body, content_type, status in bodies:
        yield refused(http_request(body, content_type), status)
    yield refused(http_request(b"Qui ?", TEXT, "Accept: image/png"), 406)
    yield refused(http_request(b"", JSON, method="PUT"), 405)
    yield refused(http_request(b"", JSON, path="/nowhere"), 404)
    yield refused(b"QUI EST-CE\r\n\r\n", 400)
    whole = http_request(json.dumps({"text": "Qui est Galilée ?"}).encode(), JSON)
    for sent in (whole[:20], whole[:-5], whole):
        yield Request(sent, check_prediction, good=False, hangs_up=True)


def refused(content: bytes, expected: int) -> Request:
    def check(status: int, body: bytes) -> str | None:
        if status != expected:
            return f"status {status} where {expected} was due"
        try:
            answer = json.loads(body)
            good = isinstance(answer["error"], str) and isinstance(answer["request_id"], str)
        except (ValueError, TypeError, KeyError):
            good = False
        return None if good else "a refusal without a sentence"

    return Request(content, check, good=False)


def predictions(count: int, read: Callable[[bytes], object]) -> Check:
    """The answer must hold so many predictions."""

    def check(status: int, body: bytes) -> str | None:
        if status != 200:
            return f"status {status}"
        try:
            answers = read(body)
        except ValueError:
            return "not predictions"
        good = isinstance(answers, list) and len(answers) == count and all(map(is_prediction, answers))
        return None if good else "not the predictions asked for"

    return check


def read_lines(body: bytes) -> list[object]:
    return [json.loads(line) for line in body.decode().splitlines()]
