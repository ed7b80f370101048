"""Our own evaluation: the live endpoint is asked the test split, as its callers would ask it.

One inference unit answers 2 documents and 100 characters a second, so that a thousand examples take several checks of
the run: what was answered is kept in `evaluation/predictions.jsonl`, one `{"index": ..., "prediction": [...]}` a line,
where the index is the example's place in the test split.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from botocore.exceptions import ClientError

from trieur.backends.base import EvaluationProgress, TrainedModel
from trieur.backends.comprehend import judgement, split_files
from trieur.backends.comprehend.documents import Example
from trieur.backends.comprehend.flattening import flattened
from trieur.backends.comprehend.resources import endpoint_arn, error_code
from trieur.backends.comprehend.results import read_confusion_matrix, report_files
from trieur.dataset.limits import LONG_TEXT_BYTES
from trieur.deployment import Clients, Deployment
from trieur.objects import JSON_LINES, ObjectStore
from trieur.predictions import Prediction, as_json, from_comprehend, from_json
from trieur.runs import Run

logger = logging.getLogger(__name__)

MAX_EXAMPLES: Final = 1_000
# Of all that is asked, for each inference unit: an hour of it, which long texts would make days.
UNIT_CHARACTERS: Final = 360_000
# Of one check of the run; the last call may be throttled for some two minutes more, and a Lambda has ten.
CHECK_SECONDS: Final = 200.0

# The endpoint is asked faster than it answers, or not ready yet: there is another check.
_LATER: Final = (
    "ProvisionedThroughputExceededException",
    "ResourceUnavailableException",
    "ThrottlingException",
    "TooManyRequestsException",
)

# Said of one text, and again of the same: the others are asked all the same.
_OF_THE_TEXT: Final = ("InvalidRequestException", "TextSizeLimitExceededException")

Answers = dict[int, Prediction | None]
"""What the endpoint said, by the example's place in the test split; None where it gave no class."""


class ComprehendEvaluation:
    """See `trieur.backends.base.Evaluation`. `clock` gives seconds."""

    def __init__(
        self,
        deployment: Deployment,
        clients: Clients,
        *,
        clock: Callable[[], float] = time.monotonic,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        self._deployment = deployment
        self._artifacts = ObjectStore(clients.s3, deployment.artifacts_bucket)
        self._comprehend = clients.paced_comprehend
        self._clock = clock
        self._check_seconds = check_seconds

    def go_on(self, run: Run) -> EvaluationProgress:
        asked = self._asked(run)
        answers = self._answers(run)
        missing = {index: example for index, example in asked.items() if index not in answers}
        if missing:
            self._ask(run, missing, answers)
        done = sum(index in answers for index in asked)
        if done < len(asked):
            return EvaluationProgress(f"Asked {done:,} of {len(asked):,} test examples for the evaluation.")
        return self._judged(run, asked, answers)

    def _asked(self, run: Run) -> dict[int, Example]:
        """The test split by place, or as much of it as MAX_EXAMPLES and UNIT_CHARACTERS allow, spread evenly, since a
        split may be sorted by label."""
        total = run.splits["test"].examples
        characters = sum(len(as_sent(text)) for text, _ in self._tested(run))
        affordable = UNIT_CHARACTERS * run.settings.comprehend.inference_units * total // max(characters, 1)
        number = min(total, MAX_EXAMPLES, max(affordable, 1))
        places = {place * total // number for place in range(number)}
        return {index: example for index, example in enumerate(self._tested(run)) if index in places}

    def _tested(self, run: Run) -> Iterator[Example]:
        return split_files.examples(self._artifacts, run, split_files.TESTED_ON)

    def _ask(self, run: Run, missing: Mapping[int, Example], answers: Answers) -> None:
        """Ask until the time of a check is over; whatever was answered is kept, also when AWS fails."""
        arn, until = endpoint_arn(self._deployment, run.classifier), self._clock() + self._check_seconds
        try:
            for index, (text, _) in missing.items():
                if self._clock() >= until:
                    return
                answers[index] = self._answer(text, arn)
        except ClientError as error:
            if error_code(error) not in _LATER:
                raise
            logger.info("the endpoint lets no more through for now", extra={"code": error_code(error)})
        finally:
            self._keep(run, answers)

    def _answer(self, text: str, endpoint: str) -> Prediction | None:
        try:
            return from_comprehend(self._comprehend.classify_document(Text=as_sent(text), EndpointArn=endpoint))
        except ClientError as error:
            if error_code(error) not in _OF_THE_TEXT:
                raise
            logger.warning("the endpoint refuses a text", exc_info=error)
            return None

    def _answers(self, run: Run) -> Answers:
        try:
            rows = [json.loads(line) for line in self._artifacts.lines(_answers_key(run))]
        except self._artifacts.s3.exceptions.NoSuchKey:
            return {}
        return {row["index"]: from_json(row["prediction"]) for row in rows}

    def _keep(self, run: Run, answers: Answers) -> None:
        self._artifacts.put(_answers_key(run), "".join(_lines(answers)), JSON_LINES)

    def _judged(self, run: Run, asked: Mapping[int, Example], answers: Answers) -> EvaluationProgress:
        assert run.metrics is not None, "a run is deployed only once its metrics are recorded"
        judged = judgement.judge(
            run.metrics,
            [labels for _, labels in asked.values()],
            [answers[index] for index in asked],
            total=run.splits["test"].examples,
            cut=sum(as_sent(text) != flattened(text) for text, _ in asked.values()),
        )
        confusion = judged.confusion or read_confusion_matrix(self._artifacts, run)
        model = TrainedModel(judged.metrics, report_files(run, judged.metrics, confusion))
        return EvaluationProgress(judged.metrics["evaluation"]["sentence"], model)


def as_sent(text: str) -> str:
    """What of the text ClassifyDocument takes, 10 KB of UTF-8 and no half character, on one line as in training."""
    return flattened(text).encode()[:LONG_TEXT_BYTES].decode(errors="ignore")


def _lines(answers: Answers) -> Iterator[str]:
    for index, prediction in sorted(answers.items()):
        yield json.dumps({"index": index, "prediction": as_json(prediction)}) + "\n"


def _answers_key(run: Run) -> str:
    return f"{run.reference.prefix}evaluation/predictions.jsonl"
