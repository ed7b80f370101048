"""`trieur predict`: what is asked, what is printed, and with which exit status it ends."""

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.unit.cli.live import Command, endpoint, lines_of
from tests.unit.runtime_double import aws_error, container_error, probabilities
from trieur.cli import predict as predicting
from trieur.cli.output import Paper


def answered(text: str) -> str:
    [(name, probability)] = sorted(probabilities(text).items(), key=lambda pair: -pair[1])[:1]
    return f"{name}\t{probability:.6f}\t{text}"


def test_texts_become_lines(command: Command) -> None:
    result = command.run("predict", "questions", "Qui est-ce ?", "Ça va\nbien ?")

    assert lines_of(result) == [answered("Qui est-ce ?"), answered("Ça va\nbien ?").replace("\n", " ")]
    assert result.stderr == ""


def test_further_classes_stand_between(command: Command) -> None:
    [line] = lines_of(command.run("predict", "questions", "Qui ?", "--top-k", "2"))

    assert line == "WHO_IS\t0.857143\tHOW_ARE_YOU\t0.142857\tQui ?"


def test_json_says_all(command: Command) -> None:
    [line] = lines_of(command.run("predict", "questions", "Qui ?", "--json"))

    assert json.loads(line) == {
        "line": 1,
        "text": "Qui ?",
        "label": "WHO_IS",
        "probability": 0.857143,
        "labels": ["WHO_IS"],
        "is_none_of_these": False,
        "classes": [
            {"Class": "WHO_IS", "Probability": 0.857143},
            {"Class": "HOW_ARE_YOU", "Probability": 0.142857},
            {"Class": "WHO_KNOWS_ABOUT", "Probability": 0.0},
        ],
    }
    [line] = lines_of(command.run("predict", "questions", "Qui ?", "--json", "--top-k", "1"))
    assert len(json.loads(line)["classes"]) == 1


def test_json_stays_json_where_letters_are_not_utf_8(command: Command) -> None:
    result = command.run("predict", "questions", "Ça va ?", "\N{PILE OF POO}", "", "--json")

    assert result.stdout.isascii()
    assert [json.loads(line).get("text") for line in result.stdout.splitlines()] == ["Ça va ?", "\N{PILE OF POO}", None]


def test_a_terminal_gets_bars(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Paper, "is_terminal", True)

    result = command.run("predict", "questions", "Qui est-ce ?", columns=60)

    shown = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in lines_of(result)]

    assert shown[0].strip() == "Qui est-ce ?"
    assert [line.split()[0] for line in shown[1:]] == ["WHO_IS", "HOW_ARE_YOU", "WHO_KNOWS_ABOUT"]
    assert [line.split()[-1] for line in shown[1:]] == ["92.9%", "7.1%", "0.0%"]
    assert shown[1].count("█") == 22


def test_stdin_has_a_text_a_line(command: Command) -> None:
    result = command.run("predict", "questions", "-", stdin="Qui ?\r\n\n  \nÇa va ?")

    assert lines_of(result) == [answered("Qui ?"), answered("Ça va ?")]


FILES = {
    "texts.txt": "\ufeffQui ?\n\nÇa va ?\n",
    "texts.jsonl": '{"text": "Qui ?", "id": 1}\n"Ça va ?"\n',
    "texts.csv": 'id;text\n1;Qui ?\n\n2;"Ça va ?"\n',
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_files(command: Command, tmp_path: Path, name: str, packed: bool) -> None:
    content = FILES[name].encode()
    file = tmp_path / (f"{name}.gz" if packed else name)
    file.write_bytes(gzip.compress(content) if packed else content)

    assert lines_of(command.run("predict", "questions", "--file", str(file))) == [
        answered("Qui ?"),
        answered("Ça va ?"),
    ]


def test_a_large_file_is_answered_in_order(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    texts = [f"Question n° {number} ?{'?' * (number % 7)}" for number in range(1500)]
    file.write_text("question,id\n" + "".join(f"{text},1\n" for text in texts), encoding="utf-8")

    result = command.run("predict", "questions", "--file", str(file), "--column", "question", "--json")

    told = [json.loads(line) for line in lines_of(result)]
    assert [(one["line"], one["text"]) for one in told] == list(enumerate(texts, start=2))
    assert [one["probability"] for one in told] == [probabilities(text)["WHO_IS"] for text in texts]


def test_lines_that_fail_are_named_and_the_others_go_on(command: Command, tmp_path: Path) -> None:
    command.double.refuses = lambda texts: container_error(413, "texts[0] is too long.") if "long" in texts else None
    file = tmp_path / "texts.jsonl"
    file.write_bytes(b'"Qui ?"\n{"txt": 1}\n"long"\n\xff\n{"text": 5}\n{"text": ""}\n"\\u0000"\nQui ?\n"Et ?"\n')

    result = command.run("predict", "questions", "--file", str(file))

    assert lines_of(result, expected_code=1) == [answered("Qui ?"), answered("Et ?")]
    assert result.stderr.splitlines() == [
        'Line 2: The line has no key "text".',
        "Line 3: The text is too long.",
        "Line 4: The line is not UTF-8 at byte 1: save the file in UTF-8.",
        "Line 5: The line has 5 for a text.",
        "Line 6: The text is empty: give one with words in it.",
        "Line 7: The text holds U+0000 at character 1: remove it.",
        "Line 8: The line is not valid JSON: name the file .txt if every line is a text.",
        "7 lines of 9 without a prediction.",
    ]

    told = [json.loads(line) for line in lines_of(command.run("predict", "questions", "-f", str(file), "--json"), 1)]
    assert [one["line"] for one in told] == list(range(1, 10))
    assert told[2] == {"line": 3, "error": "The text is too long."}


def test_rows_of_a_csv_that_fail(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_bytes('id,text\n1,Qui ?\n2\n3,"two\nlines"\n4,caf\xe9\n'.encode("latin-1"))

    result = command.run("predict", "questions", "--file", str(file))

    assert lines_of(result, 1) == [answered("Qui ?"), answered("two\nlines").replace("\n", " ")]
    assert result.stderr.splitlines()[:2] == [
        "Line 3: The row has too few columns.",
        "Line 6: The text holds U+DCE9 at character 4: remove it.",
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("texts.csv", b"question,id\nQui ?,1\n", 'names no column "text": it is "question,id"'),
        ("texts.csv", b"", "names no column"),
        ("texts.docx", b"", "is not named as a file of texts: use .txt, .jsonl or .csv, optionally with .gz"),
        ("texts.txt.gz", b"not packed", "cannot be read: Not a gzipped file"),
        ("texts.txt.gz", gzip.compress(b"Qui ?\n" * 999)[:-9], "cannot be read"),
        (None, b"", "cannot be read: No such file or directory."),
    ],
    ids=["no such column", "empty csv", "name", "not gzipped", "cut off", "no such file"],
)
def test_a_file_that_cannot_be_read(
    command: Command, tmp_path: Path, name: str | None, content: bytes, said: str
) -> None:
    file = tmp_path / (name or "missing.txt")
    if name:
        file.write_bytes(content)

    result = command.run("predict", "questions", "--file", str(file))

    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
    assert len(result.stderr.splitlines()) <= 2


@pytest.mark.parametrize("arguments", [(), ("a", "-"), ("a", "--file", "b.txt")], ids=["none", "stdin too", "file too"])
def test_texts_come_from_one_place(command: Command, arguments: tuple[str, ...]) -> None:
    result = command.run("predict", "questions", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Give either texts, or - for those on stdin, or --file.\n"


def test_what_ends_the_answers_is_said_with_where(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("".join(f"Question {number} ?\n" for number in range(200)), encoding="utf-8")
    broken = container_error(500, "It broke.")
    command.double.refuses = lambda texts: broken if "Question 150 ?" in texts else None

    result = command.run("predict", "questions", "--file", str(file))

    assert len(lines_of(result, 1)) == 128
    assert result.stderr.splitlines()[0] == "The answers end at line 128."
    assert "failed (500): It broke." in result.stderr


def test_no_permission_is_no_answer_from_aws(command: Command) -> None:
    command.double.refuses = lambda _texts: (400, aws_error("AccessDeniedException", "not authorized"))

    result = command.run("predict", "questions", "Qui ?", "--json")

    assert result.exit_code == 2
    assert "sagemaker:InvokeEndpoint" in json.loads(result.stdout)["error"]


def test_the_endpoint_that_answers_is_asked(command: Command) -> None:
    command.double.comprehend = {"trieur-questions"}
    command.account.endpoints = [endpoint(run_id=None), endpoint("comprehend")]

    lines_of(command.run("predict", "questions", "Qui ?"))
    assert command.double.asked[-1][0].startswith("arn:aws:comprehend")

    command.account.endpoints = [endpoint(), endpoint("comprehend")]
    lines_of(command.run("predict", "questions", "Qui ?"))
    assert command.double.asked[-1][0] == "trieur-questions"
    lines_of(command.run("predict", "questions", "Qui ?", "--backend", "comprehend"))
    assert command.double.asked[-1][0].startswith("arn:aws:comprehend")


@pytest.mark.parametrize(
    ("backends", "said"),
    [
        ([], "questions has no endpoint that answers on comprehend, and no run: drop a dataset with `trieur train`."),
        (["camembert"], "on comprehend, but one on camembert: ask that with --backend."),
    ],
    ids=["none", "the other"],
)
def test_no_endpoint_that_answers(command: Command, backends: list[str], said: str) -> None:
    command.account.endpoints = [endpoint(backend) for backend in backends]

    result = command.run("predict", "questions", "Qui ?", "--backend", "comprehend")

    assert lines_of(result, 1) == []
    assert said in result.stderr


def test_wrong_names_are_wrong_usage(command: Command) -> None:
    assert command.run("predict", "Questions", "Qui ?").exit_code == 2
    assert command.double.asked == []


def test_what_is_typed_is_answered_at_once(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        """Gives its second line only once the first has been answered."""

        def __init__(self) -> None:
            self.lines = [b"Qui ?\n", b"\0\n", b"Et ?\n"]
            self.buffer = self

        def isatty(self) -> bool:
            return True

        def readline(self, _size: int) -> bytes:
            asked = len(command.double.asked)
            assert asked == {3: 0, 2: 1, 1: 1, 0: 2}[len(self.lines)]
            return self.lines.pop(0) if self.lines else b""

    monkeypatch.setattr(predicting.sys, "stdin", Terminal())
    live = predicting.live_classifier(command.account, "questions", None, connections=4)  # type: ignore[arg-type]
    answers = predicting._one_by_one(live, predicting.read_lines(Terminal(), ".txt"))  # type: ignore[arg-type]

    assert [answer if isinstance(answer, str) else answer.label for _, answer in answers] == [
        "WHO_IS",
        "The text holds U+0000 at character 1: remove it.",
        "WHO_IS",
    ]
