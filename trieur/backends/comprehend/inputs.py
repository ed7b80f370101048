"""What Comprehend trains on: a run's splits, written into `input/` in a format of Comprehend's."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from trieur.backends.comprehend import split_files
from trieur.backends.comprehend.documents import (
    Example,
    csv_rows,
    label_delimiter,
    require_labels,
    require_minimum,
    require_size,
    require_tested,
)
from trieur.backends.comprehend.manifest import DroppedManifest
from trieur.backends.comprehend.split_files import TESTED_ON, TRAINED_ON
from trieur.dataset import Mode
from trieur.deployment import Clients, Deployment
from trieur.objects import JSON_LINES, ObjectStore
from trieur.runs import Run
from trieur.splits import SplitName

if TYPE_CHECKING:
    from mypy_boto3_comprehend.type_defs import (
        AugmentedManifestsListItemTypeDef,
        DocumentClassifierInputDataConfigTypeDef,
    )

GROUND_TRUTH: Final = "ground-truth"


class Inputs:
    """Writes what the classifier of `run` is trained on and tested with. Repeating it writes the same."""

    def __init__(self, deployment: Deployment, clients: Clients, run: Run) -> None:
        self._deployment, self._s3, self._run = deployment, clients.s3, run
        self._artifacts = ObjectStore(clients.s3, deployment.artifacts_bucket)
        self._mode: Mode = "multi-label" if run.dataset.mode == "multi-label" else "multi-class"

    def write(self) -> "DocumentClassifierInputDataConfigTypeDef":
        """Where it lies, as CreateDocumentClassifier wants to know it. Raises TrainingRefused.

        A Ground Truth manifest is passed through, everything else becomes COMPREHEND_CSV.
        """
        require_labels(self._run.dataset.label_counts, self._mode)
        trained = self._counts(TRAINED_ON)
        require_minimum(trained, self._run.settings.comprehend.minimum_documents)
        require_tested(trained, self._counts(TESTED_ON))
        if self._run.dataset.format == GROUND_TRUTH:
            manifest = self._dropped_manifest()
            attribute = manifest.attribute(self._mode)
            if attribute is not None:
                return self._write_manifest(manifest, attribute)
        return self._write_csv()

    def _write_csv(self) -> "DocumentClassifierInputDataConfigTypeDef":
        several = self._mode == "multi-label"
        delimiter = label_delimiter(self._run.dataset.label_counts) if several else ""
        config: DocumentClassifierInputDataConfigTypeDef = {
            "DataFormat": "COMPREHEND_CSV",
            "S3Uri": self._upload("train.csv", csv_rows(self._examples(TRAINED_ON), delimiter), "text/csv"),
            "TestS3Uri": self._upload("test.csv", csv_rows(self._examples(TESTED_ON), delimiter), "text/csv"),
        }
        if delimiter:
            config["LabelDelimiter"] = delimiter
        return config

    def _write_manifest(self, manifest: DroppedManifest, attribute: str) -> "DocumentClassifierInputDataConfigTypeDef":
        def part(name: str, splits: Sequence[SplitName]) -> str:
            lines = manifest.lines(self._examples(splits), self._run.dataset.label_counts)
            return self._upload(f"{name}.manifest", lines, JSON_LINES)

        manifests: list[AugmentedManifestsListItemTypeDef] = [
            {"S3Uri": part("train", TRAINED_ON), "Split": "TRAIN", "AttributeNames": [attribute]},
            {"S3Uri": part("test", TESTED_ON), "Split": "TEST", "AttributeNames": [attribute]},
        ]
        return {"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": manifests}

    def _dropped_manifest(self) -> DroppedManifest:
        dataset = self._run.dataset
        answer = self._s3.get_object(Bucket=dataset.bucket, Key=dataset.key, VersionId=dataset.version)
        return DroppedManifest(answer["Body"].read(), dataset.key)

    def _examples(self, splits: Sequence[SplitName]) -> Iterator[Example]:
        return split_files.examples(self._artifacts, self._run, splits)

    def _counts(self, splits: Sequence[SplitName]) -> Counter[str]:
        return Counter(label for _, labels in self._examples(splits) for label in labels)

    def _upload(self, name: str, lines: Iterable[bytes], content_type: str) -> str:
        key = f"{self._run.reference.prefix}input/{name}"
        self._artifacts.upload(key, require_size(lines), content_type)
        return self._deployment.artifact_uri(key)
