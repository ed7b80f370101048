"""Which container image URI stands for which folder of this repository, and how its program is started."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


class ImageError(Exception):
    """Why an image cannot be run here, in a sentence for people."""


@dataclass(frozen=True)
class Image:
    """An image and the build context it is built from."""

    uri: str
    folder: Path
    dockerfile: str = "Dockerfile"

    @property
    def repository(self) -> str:
        """The repository's name: `name` of `<account>.dkr.ecr.<region>.amazonaws.com/name:tag`."""
        return self.uri.partition("/")[2].partition("@")[0].rpartition(":")[0] or self.uri.partition("/")[2]

    def entrypoint(self) -> list[str]:
        """The Dockerfile's exec-form ENTRYPOINT. Raises ImageError when there is none of that form."""
        path = self.folder / self.dockerfile
        try:
            lines = path.read_text().replace("\\\n", " ").splitlines()
        except OSError as error:
            raise ImageError(f"The image {self.uri} has no Dockerfile at {path}: {error.strerror}.") from None
        found = [line.strip()[len("ENTRYPOINT") :] for line in lines if line.strip().startswith("ENTRYPOINT")]
        try:
            words = json.loads(found[-1])
        except (IndexError, ValueError):
            words = None
        if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
            raise ImageError(
                f"{path} has no exec-form ENTRYPOINT: SageMaker appends `train` or `serve` to one such as "
                '["python", "-m", "program"].'
            )
        return words


class ImageCatalogue:
    """The images a deployer has published, in a file that the server reads anew at each look-up."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, image: Image) -> None:
        entries = self._entries()
        entries[image.uri] = {"folder": str(image.folder.resolve()), "dockerfile": image.dockerfile}
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps(entries, indent=1))
        draft.replace(self._path)

    def find(self, uri: str) -> Image | None:
        entry = self._entries().get(uri)
        return None if entry is None else Image(uri, Path(entry["folder"]), entry["dockerfile"])

    def _entries(self) -> dict[str, dict[str, str]]:
        try:
            entries: dict[str, dict[str, str]] = json.loads(self._path.read_text())
        except FileNotFoundError:
            return {}
        return entries
