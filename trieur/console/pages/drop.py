"""`/drop`: a dataset is looked at here first, and goes to AWS once a person has said so."""

from datetime import UTC, datetime
from urllib.parse import unquote

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from trieur import names
from trieur.console.desk import AtDesk, Desk, Form, address
from trieur.console.pages.costs import dated_prices
from trieur.console.place import PlaceError
from trieur.console.session import Staged, Waiting
from trieur.console.uploads import Checked, checked, file_name, receive, require_size
from trieur.costs import training_estimate
from trieur.dataset import DatasetRefused
from trieur.dataset.limits import MAX_FILE_BYTES
from trieur.drops import DropRefused, require_classifier
from trieur.settings import ClassifierSettings, SettingsRefused

router = APIRouter()

LABELS_SHOWN = 20
SENTENCES_SHOWN = 20


@router.get("/drop")
def drop_page(desk: AtDesk) -> HTMLResponse:
    asked = desk.request.query_params.get("classifier", "")
    chosen = asked if names.is_classifier(asked) else ""
    try:
        known = [one.name for one in desk.place.classifiers()]
    except PlaceError as error:
        return desk.page("drop", chosen=chosen, known=[], trouble=str(error), most=MAX_FILE_BYTES)
    return desk.page("drop", chosen=chosen, known=known, trouble="", most=MAX_FILE_BYTES)


@router.post("/drop/check")
async def check(desk: AtDesk, classifier: str) -> HTMLResponse:
    """The file of the body, whose name is in X-File-Name, as the pipeline will read it; nothing leaves the machine.

    The page does not send a file that is too large, but only its size in X-File-Size.
    """
    headers = desk.request.headers
    with desk.session.upload() as path:
        try:
            # A browser takes an answer that comes before the body's end for a lost connection.
            await receive(desk.request.stream(), path)
            require_size(int(headers["x-file-size"]) if headers.get("x-file-size", "").isdecimal() else 0)
            require_classifier(classifier)
            name = file_name(unquote(headers.get("x-file-name", "")))
            settings = await run_in_threadpool(desk.place.settings, classifier)
            found = await run_in_threadpool(checked, path, name, settings)
        except (DropRefused, DatasetRefused, SettingsRefused, PlaceError) as refusal:
            return HTMLResponse(desk.render("refused", sentence=str(refusal)))
        word = desk.session.stage(Staged(classifier, name, path))
    return HTMLResponse(await run_in_threadpool(_shown, desk, classifier, name, settings, found, word))


@router.post("/drop/confirm")
def confirm(desk: AtDesk, form: Form) -> HTMLResponse:
    """Drop what was checked, and show how it goes on."""
    word = form.get("word", "")
    staged = desk.session.staged(word)
    if staged is None:
        return HTMLResponse(desk.render("refused", sentence=desk.words.text("drop.gone")))
    try:
        dropped = desk.place.drop(staged.classifier, staged.file, staged.path.read_bytes())
    except PlaceError as error:
        return HTMLResponse(desk.render("trouble", trouble=str(error)))
    desk.session.wait_for(staged.classifier, Waiting(staged.file, dropped, datetime.now(UTC)))
    desk.session.discard(word)
    return HTMLResponse(headers={"HX-Redirect": address("classifiers", staged.classifier)})


def _shown(desk: Desk, classifier: str, file: str, settings: ClassifierSettings, found: Checked, word: str) -> str:
    dataset = found.dataset
    by_count = sorted(dataset.label_counts.items(), key=lambda item: (-item[1], item[0]))
    return desk.render(
        "checked",
        classifier=classifier,
        file=file,
        word=word,
        settings=settings,
        dataset=dataset,
        size=found.size,
        labels=by_count[:LABELS_SHOWN],
        hidden=max(0, len(by_count) - LABELS_SHOWN),
        most=by_count[0][1],
        splits={name: len(part) for name, part in found.splits.parts().items()},
        warnings=[*dataset.warnings, *found.splits.notes][:SENTENCES_SHOWN],
        estimates=_estimates(desk, settings, len(dataset.texts)),
        more_warnings=max(0, len(dataset.warnings) + len(found.splits.notes) - SENTENCES_SHOWN),
    )


def _estimates(desk: Desk, settings: ClassifierSettings, examples: int) -> list[str]:
    """What training it takes and costs, a sentence for each backend."""
    prices = dated_prices(desk.place.region)
    return [
        training_estimate(backend, examples=examples, settings=settings, prices=prices).sentence.of(desk.words.language)
        for backend in settings.backends
    ]
