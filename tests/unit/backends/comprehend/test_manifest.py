import gzip
import json
from typing import Any

import pytest

from tests.unit.backends.comprehend.runs import artifact, split, started
from tests.unit.world import ARTIFACTS, World
from trieur.runs import Run, RunStatus


def record(text: str, label: str, job: str = "intent-job", **more: Any) -> dict[str, Any]:
    return {
        "source": text,
        job: 0,
        f"{job}-metadata": {"class-name": label, "confidence": 0.93, "type": "groundtruth/text-classification"},
        **more,
    }


def several(text: str, *labels: str) -> dict[str, Any]:
    names = {"0": "A", "1": "B"}
    indices = [int(index) for index, name in names.items() if name in labels]
    return {
        "source": text,
        "topics": indices,
        "topics-metadata": {"class-map": {str(i): names[str(i)] for i in indices}},
    }


def manifest(records: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records).encode()


def single() -> list[dict[str, Any]]:
    return [record(f"{label} question {i}\nligne 2 \u2028 fin", label, id=i) for i in range(20) for label in "AB"]


def lines(world: World, run: Run, name: str) -> list[dict[str, Any]]:
    written = artifact(world, f"{run.reference.prefix}input/{name}.manifest")
    assert written.endswith(b"\n")
    return [json.loads(line) for line in written.decode().splitlines()]


def start(world: World, records: list[dict[str, Any]], **settings: Any) -> Run:
    return started(world, manifest(records), key="datasets/questions/output.json", **settings)


def test_records_are_passed_through_split_by_split(world: World) -> None:
    run = start(world, single())

    (request,) = world.comprehend.asked("CreateDocumentClassifier")
    folder = f"s3://{ARTIFACTS}/{run.reference.prefix}input"
    assert request["InputDataConfig"] == {
        "DataFormat": "AUGMENTED_MANIFEST",
        "AugmentedManifests": [
            {"S3Uri": f"{folder}/train.manifest", "Split": "TRAIN", "AttributeNames": ["intent-job"]},
            {"S3Uri": f"{folder}/test.manifest", "Split": "TEST", "AttributeNames": ["intent-job"]},
        ],
    }
    for name, splits in (("train", ("train", "validation")), ("test", ("test",))):
        texts = {row["text"] for row in split(world, run, *splits)}
        assert lines(world, run, name) == [one for one in single() if one["source"] in texts]


def test_what_the_reader_left_out_stays_out(world: World) -> None:
    failed = {"source": single()[0]["source"], "intent-job-metadata": {"failure-reason": "no consensus"}}
    repeated, first, second = single()[3], record("Lequel ?", "A"), record("lequel ?", "B")
    run = start(world, [failed, *single(), repeated, first, second])

    passed = lines(world, run, "train") + lines(world, run, "test")
    assert sorted(one["id"] for one in passed) == sorted(one["id"] for one in single())
    assert run.dataset.examples == len(single())


def test_several_labels_a_text(world: World) -> None:
    records = [several(f"{i} {' '.join(labels)}", *labels) for i in range(15) for labels in (["A"], ["B"], ["A", "B"])]
    run = start(world, records)

    (request,) = world.comprehend.asked("CreateDocumentClassifier")
    assert request["Mode"] == "MULTI_LABEL"
    assert request["InputDataConfig"]["AugmentedManifests"][0]["AttributeNames"] == ["topics"]
    passed = lines(world, run, "train") + lines(world, run, "test")
    assert sorted(map(json.dumps, passed)) == sorted(map(json.dumps, records))


@pytest.mark.parametrize("form", ["gzip", "list"])
def test_a_gzipped_manifest_and_one_in_a_list_are_passed_through_too(world: World, form: str) -> None:
    dropped = gzip.compress(manifest(single())) if form == "gzip" else json.dumps(single()).encode()
    run = started(world, dropped, key="datasets/questions/output.json.gz")

    assert len(lines(world, run, "train")) + len(lines(world, run, "test")) == len(single())


def test_in_another_mode_than_the_labelling_jobs_it_is_converted(world: World) -> None:
    run = start(world, single(), mode="multi-label")

    (request,) = world.comprehend.asked("CreateDocumentClassifier")
    assert (request["Mode"], request["InputDataConfig"]["DataFormat"]) == ("MULTI_LABEL", "COMPREHEND_CSV")
    assert request["InputDataConfig"]["LabelDelimiter"] == "|"
    assert run.status is RunStatus.TRAINING


@pytest.mark.parametrize("job", ["j" * 64, "my_labels"])
def test_a_name_that_comprehend_does_not_take_is_refused(world: World, job: str) -> None:
    run = start(world, [record(f"{label} {i}", label, job) for i in range(20) for label in "AB"])

    assert run.status is RunStatus.REFUSED
    assert "at most 63 letters, digits and hyphens between them: rename it" in run.message


def test_a_name_of_63_characters_is_taken(world: World) -> None:
    run = start(world, [record(f"{label} {i}", label, "j" * 63) for i in range(20) for label in "AB"])
    assert run.status is RunStatus.TRAINING


def test_a_class_that_comprehend_would_read_as_another_is_refused(world: World) -> None:
    run = start(world, [record(f"{label} {i}", f" {label}") for i in range(20) for label in "AB"])

    assert run.status is RunStatus.REFUSED
    assert 'has the class " A", with blanks around its name' in run.message
    assert set(run.dataset.label_counts) == {"A", "B"}
