"""`/classifiers/<name>`: a classifier's runs as they go, its settings, its report, and a box to try it in."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from trieur.console.desk import AtDesk, ClassifierName, Region, address
from trieur.console.guard import DOCUMENT_POLICY
from trieur.console.pages.asking import try_it
from trieur.console.place import ClassifierFacts, NotThere, PlaceError, RunFacts
from trieur.console.session import Waiting
from trieur.console.steps import first_steps, steps_of
from trieur.settings import SettingsRefused

router = APIRouter(prefix="/classifiers/{classifier}")


@router.get("")
def classifier_page(desk: AtDesk, classifier: ClassifierName) -> HTMLResponse:
    facts = desk.place.classifier(classifier)
    reported = [run for run in facts.runs if run.has_report]
    return desk.page(
        "classifier",
        name=classifier,
        region=_region(desk, facts),
        box=try_it(desk, facts),
        reported=next((run for run in reported if run.live), next(iter(reported), None)),
        exists=bool(facts.runs) or desk.session.waiting(classifier) is not None,
        **_settings(desk, classifier),
    )


@router.get("/live")
def classifier_again(desk: AtDesk, classifier: ClassifierName) -> HTMLResponse:
    """The region; where another endpoint than before answers, the box to try it in as well."""
    facts = desk.place.classifier(classifier)
    region = _region(desk, facts)
    if desk.request.query_params.get("answering") == _answering(facts):
        return region.answer()
    return region.answer(try_it(desk, facts, beside=True))


@router.get("/runs/{run_id}")
def run_page(desk: AtDesk, classifier: ClassifierName, run_id: str) -> HTMLResponse:
    run = _run(desk, classifier, run_id)
    return desk.page("run", name=classifier, run=run, region=_run_region(desk, run))


@router.get("/runs/{run_id}/live")
def run_again(desk: AtDesk, classifier: ClassifierName, run_id: str) -> HTMLResponse:
    return _run_region(desk, _run(desk, classifier, run_id)).answer()


@router.get("/runs/{run_id}/report")
def report(desk: AtDesk, classifier: ClassifierName, run_id: str) -> HTMLResponse:
    """report.html as the training left it, under a policy that lets nothing of it run."""
    headers = {
        "Content-Security-Policy": DOCUMENT_POLICY,
        "X-Frame-Options": "SAMEORIGIN",
        # Alone in a tab, a sandboxed page may not ask to be kept apart from its opener.
        "Cross-Origin-Opener-Policy": "unsafe-none",
    }
    return HTMLResponse(desk.place.report(classifier, run_id), headers=headers)


def _run(desk: AtDesk, classifier: str, run_id: str) -> RunFacts:
    run = next((run for run in desk.place.classifier(classifier).runs if run.run_id == run_id), None)
    if run is None:
        raise HTTPException(404, "no_such_run")
    return run


def _region(desk: AtDesk, facts: ClassifierFacts) -> Region:
    waiting = _still_waiting(desk.session.waiting(facts.name), facts.runs)
    newest = _newest(facts.runs)
    moving = waiting is not None or any(not run.ended for run in newest)
    return desk.live(
        "runs",
        address("classifiers", facts.name, "live"),
        moving=moving,
        said=_said(desk, newest, waiting),
        telling={"answering": _answering(facts)},
        name=facts.name,
        facts=facts,
        runs=facts.runs,
        newest=[] if waiting else newest,
        waiting=waiting,
        first_steps=first_steps(),
        steps_of=steps_of,
    )


def _run_region(desk: AtDesk, run: RunFacts) -> Region:
    return desk.live(
        "progress",
        address("classifiers", run.classifier, "runs", run.run_id, "live"),
        moving=not run.ended,
        said=desk.words.text(f"status.{run.status}"),
        run=run,
        steps_of=steps_of,
    )


def _newest(runs: Sequence[RunFacts]) -> list[RunFacts]:
    """The run of each backend that came of the newest drop: runs of one drop are made within moments."""
    if not runs:
        return []
    first = runs[0]
    return [run for run in runs if run.file == first.file and _together(run, first)]


def _together(one: RunFacts, other: RunFacts) -> bool:
    return one is other or (
        one.backend != other.backend and abs((one.created_at - other.created_at).total_seconds()) <= 60
    )


def _still_waiting(waiting: Waiting | None, runs: Sequence[RunFacts]) -> Waiting | None:
    """None once something has come of what was dropped."""
    if waiting is None or any(run.run_id in waiting.dropped.run_ids for run in runs):
        return None
    return waiting


def _said(desk: AtDesk, newest: Sequence[RunFacts], waiting: Waiting | None) -> str:
    if waiting:
        return desk.words.text("step.received")
    return " ".join(
        f"{desk.words.text(f'backend.{run.backend}') if run.backend else ''} {desk.words.text(f'status.{run.status}')}."
        for run in newest
    ).strip()


def _answering(facts: ClassifierFacts) -> str:
    return ",".join(facts.answering)


def _settings(desk: AtDesk, classifier: str) -> dict[str, Any]:
    try:
        settings = desk.place.settings(classifier)
    except SettingsRefused as refusal:
        return {"settings": None, "settings_trouble": str(refusal)}
    except NotThere:
        return {"settings": None, "settings_trouble": ""}
    except PlaceError as error:
        return {"settings": None, "settings_trouble": str(error)}
    return {"settings": settings, "settings_trouble": ""}
