"""The synchronous client against HTTP doubles of the services."""

import itertools
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from tests.unit.runtime_double import RuntimeDouble, aws_error, container_error, probabilities
from trieur.client import Classifier, NoSuchEndpoint, Prediction, TextRefused, Unreachable

COMPREHEND_ARN = "arn:aws:comprehend:eu-west-1:123456789012:document-classifier-endpoint/trieur-questions"


def as_told(prediction: Prediction | TextRefused) -> dict[str, float]:
    assert isinstance(prediction, Prediction)
    return {one.name: one.probability for one in prediction.classes}


def test_one_text(double: RuntimeDouble) -> None:
    classifier = Classifier("questions")
    assert (classifier.backend, classifier.endpoint) == (None, None)

    prediction = classifier.predict("Qui est Marie Curie ?")

    assert as_told(prediction) == probabilities("Qui est Marie Curie ?")
    assert (prediction.label, prediction.mode, prediction.backend) == ("WHO_IS", "multi-class", "camembert")
    assert (classifier.backend, classifier.endpoint) == ("camembert", "trieur-questions")
    assert double.asked == [("trieur-questions", ["Qui est Marie Curie ?"])]


def test_either_backend_gives_the_same_answer(double: RuntimeDouble) -> None:
    double.comprehend = {"trieur-questions"}
    text = "Qui est « Émilie » ?"

    ours = Classifier("questions", backend="camembert").predict(text)
    amazons = Classifier("questions", backend="comprehend").predict(text)

    assert ours.classes == amazons.classes
    assert (ours.mode, amazons.mode) == ("multi-class", "multi-class")
    assert double.asked[-1] == (COMPREHEND_ARN, [text])


def test_the_backend_that_has_an_endpoint_is_found_and_kept_to(double: RuntimeDouble) -> None:
    double.camembert, double.comprehend = set(), {"trieur-questions"}
    classifier = Classifier("questions")

    assert classifier.predict("Ça va ?").backend == "comprehend"
    classifier.predict("Ça va ?")
    assert [endpoint for endpoint, _ in double.asked] == ["trieur-questions", COMPREHEND_ARN, COMPREHEND_ARN]

    double.camembert, double.comprehend = {"trieur-questions"}, set()
    assert classifier.predict("Ça va ?").backend == "camembert"


def test_several_labels(double: RuntimeDouble) -> None:
    double.comprehend, double.multi_label = {"trieur-questions"}, True

    assert Classifier("questions", backend="comprehend").predict("Ça va ?").mode == "multi-label"
    told = Classifier("questions", mode="multi-label", threshold=0.999).predict("Ça va ?")
    assert (told.mode, told.threshold, told.labels) == ("multi-label", 0.999, ())


def test_many_texts_come_back_in_their_order(double: RuntimeDouble) -> None:
    texts = ["x" * (1 + n % 50) for n in range(700)]

    predictions = Classifier("questions").predict_many(iter(texts))

    assert [as_told(one) for one in predictions] == [probabilities(text) for text in texts]
    assert len(double.asked) == 12  # one text finds the endpoint, then 63 and 64 at a time
    assert max(len(asked) for _, asked in double.asked) == 64


def test_requests_are_bounded_in_bytes(double: RuntimeDouble) -> None:
    texts = ["é" * 20_000] * 4 + ["x" * 100_000, "y"]

    assert len(Classifier("questions", backend="camembert").predict(texts)) == 6
    assert sorted(len(asked) for _, asked in double.asked) == [1, 1, 1, 1, 1, 1]


@pytest.mark.usefixtures("double")
def test_a_list_is_answered_with_a_list() -> None:
    assert [one.label for one in Classifier("questions").predict(["Qui est-ce ?"])] == ["WHO_IS"]
    assert Classifier("questions").predict([]) == []


def test_a_stream_takes_texts_as_answers_are_taken(double: RuntimeDouble) -> None:
    taken = itertools.count()

    def endless() -> Iterator[str]:
        while True:
            yield f"text {next(taken)}"

    stream = Classifier("questions", connections=2).stream(endless())
    first = [next(stream) for _ in range(3)]
    stream.close()

    assert [as_told(one) for one in first] == [probabilities(f"text {n}") for n in range(3)]
    assert next(taken) <= 64 * (2 * 2 + 1)
    assert double.most_at_once <= 2


def test_what_no_backend_takes_is_refused_without_asking(double: RuntimeDouble) -> None:
    answers = list(Classifier("questions").stream(["", "fine", " \n", "a\0b", "half \ud83d", 7]))  # type: ignore[list-item]

    assert [type(answer).__name__ for answer in answers] == ["TextRefused", "Prediction", *["TextRefused"] * 4]
    assert [str(answer) for answer in answers if isinstance(answer, TextRefused)] == [
        "Text 1: The text is empty: give one with words in it.",
        "Text 3: The text is empty: give one with words in it.",
        "Text 4: The text holds U+0000 at character 2: remove it.",
        "Text 5: The text holds U+D83D at character 6: remove it.",
        "Text 6: It is of type int, and no text: give a str.",
    ]
    assert [asked for _, asked in double.asked] == [["fine"]]


@pytest.mark.parametrize("backend", ["camembert", "comprehend"])
def test_the_one_text_that_is_refused_is_found(double: RuntimeDouble, backend: str) -> None:
    double.comprehend = {"trieur-questions"}
    refusal = {
        "camembert": container_error(413, "texts[4] is too long."),
        "comprehend": (400, aws_error("TextSizeLimitExceededException", "The text is too long")),
    }[backend]
    double.refuses = lambda texts: refusal if "long" in texts else None
    classifier = Classifier("questions", backend=backend)  # type: ignore[arg-type]
    texts = [*["short"] * 40, "long", *["short"] * 9]

    answers = list(classifier.stream(texts))

    refused = [(n, str(answer)) for n, answer in enumerate(answers) if isinstance(answer, TextRefused)]
    assert refused == [(40, "Text 41: The text is too long.")]
    with pytest.raises(TextRefused) as raised:
        classifier.predict_many(texts)
    assert raised.value.position == 40
    with pytest.raises(TextRefused, match=r"^The text is too long\.$"):
        classifier.predict("long")


def test_a_request_that_takes_too_long_is_asked_by_halves(double: RuntimeDouble) -> None:
    double.refuses = lambda texts: container_error(0, "timed out") if len(texts) > 3 else None

    assert len(Classifier("questions", backend="camembert").predict_many(["text"] * 10)) == 10


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param((429, aws_error("ModelNotReadyException", "Not yet.")), id="not ready"),
        pytest.param(container_error(503, "Too many requests at once."), id="container full"),
        pytest.param((400, aws_error("ThrottlingException", "Rate exceeded")), id="throttled"),
    ],
)
def test_what_only_needs_time_is_asked_again(double: RuntimeDouble, trouble: tuple[int, dict[str, object]]) -> None:
    double.troubles = [trouble]

    assert Classifier("questions", patience=5).predict("Qui est-ce ?").label == "WHO_IS"
    assert len(double.asked) == 2


@pytest.mark.usefixtures("double")
def test_an_endpoint_that_is_gone_is_missed_in_a_sentence() -> None:
    with pytest.raises(NoSuchEndpoint, match="no endpoint in service on any backend: drop a dataset"):
        Classifier("orders").predict("Ça va ?")
    with pytest.raises(NoSuchEndpoint, match=r"^Endpoint trieur-orders does not exist"):
        Classifier("orders", backend="camembert").predict("Ça va ?")
    with pytest.raises(NoSuchEndpoint, match="trieur start orders --backend comprehend"):
        Classifier("orders", backend="comprehend").predict("Ça va ?")


def test_names_follow_the_deployment(double: RuntimeDouble) -> None:
    double.camembert = {"sorter-questions"}

    assert Classifier("questions", deployment="sorter").predict("Qui est-ce ?").label == "WHO_IS"


def test_a_session_and_an_address_may_be_given(double: RuntimeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    session = boto3.Session(aws_access_key_id="mine", aws_secret_access_key="mine", region_name="eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    with Classifier("questions", session=session, endpoint_url=double.url) as classifier:
        assert classifier.predict("Qui est-ce ?").label == "WHO_IS"


def test_the_region_may_be_the_one_of_other_sdks(double: RuntimeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    double.comprehend = {"trieur-questions"}

    assert Classifier("questions", backend="comprehend").predict("Qui est-ce ?").label == "WHO_IS"


@pytest.mark.usefixtures("double")
def test_threads_may_share_one() -> None:
    classifier, answers = Classifier("questions"), list[Prediction]()
    threads = [threading.Thread(target=lambda: answers.append(classifier.predict("Qui ?"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [one.label for one in answers] == ["WHO_IS"] * 8


@pytest.mark.parametrize("name", ["Questions", "a--b", "", "x" * 31])
def test_what_names_no_classifier_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no classifier's name"):
        Classifier(name)


def test_wrong_arguments_are_refused(double: RuntimeDouble) -> None:
    with pytest.raises(ValueError, match="'bert' is no backend"):
        Classifier("questions", backend="bert")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one"):
        Classifier("questions", connections=0)
    with pytest.raises(TypeError, match="give a list"):
        Classifier("questions").predict_many("Qui est-ce ?")
    assert double.asked == []


def test_the_local_aws_is_found_where_it_says_it_runs(
    double: RuntimeDouble, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("TRIEUR_LOCAL_STATE", str(tmp_path))
    with pytest.raises(Unreachable, match="No local AWS runs: start one with `trieur local up`"):
        Classifier.local("questions")
    announced = {"endpoint_url": double.url, "region": "eu-west-1"}
    (tmp_path / "localcloud.json").write_text(json.dumps(announced), encoding="utf-8")

    assert Classifier.local("questions", backend="camembert").predict("Qui est-ce ?").label == "WHO_IS"
