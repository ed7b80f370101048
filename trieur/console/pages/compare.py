"""`/compare`: both backends of a classifier on the same test examples, and the decision matrix."""

from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from trieur import comparison, names
from trieur.comparison.rows import column_heads, load_sentence, measured_rows, note_of, paired_sentence, rules_of
from trieur.console.desk import AtDesk, Desk, Form, Region, known_name
from trieur.console.place import PlaceError, RunFacts
from trieur.settings import BACKENDS

router = APIRouter()


@router.get("/compare")
def compare_page(desk: AtDesk) -> HTMLResponse:
    asked, trouble, known = desk.request.query_params.get("classifier", ""), "", list[str]()
    try:
        known = [one.name for one in desk.place.classifiers() if _has_both(one.runs)]
    except PlaceError as error:
        trouble = str(error)
    chosen = asked if names.is_classifier(asked) else next(iter(known), "")
    return desk.page("compare", known=known, chosen=chosen, trouble=trouble, region=_region(desk, chosen))


@router.get("/compare/live")
def compare_again(desk: AtDesk, classifier: str = "") -> HTMLResponse:
    return _region(desk, known_name(classifier) if classifier else "").answer()


@router.post("/compare")
def compare(desk: AtDesk, form: Form) -> HTMLResponse:
    """Start measuring, which asks both endpoints."""
    classifier = form.get("classifier", "")
    if not names.is_classifier(classifier):
        raise HTTPException(422, "no_such_page")
    desk.session.comparing.start(
        classifier, partial(desk.place.compare, classifier), desk.words.text("error.unforeseen")
    )
    return _region(desk, classifier).answer(desk.now_at(f"/compare?{urlencode({'classifier': classifier})}"))


def _has_both(runs: tuple[RunFacts, ...]) -> bool:
    """Whether there are models of both backends to compare; whether they fit each other is seen when it is asked."""
    return {run.backend for run in runs if run.accuracy is not None} >= set(BACKENDS)


def _region(desk: Desk, classifier: str) -> Region:
    state = desk.session.comparing.of(classifier) if classifier else None
    result, language = state.result if state else None, desk.words.language
    matrix = result.matrix if result else comparison.published()
    heads = column_heads(result) if result else None
    said = ""
    if result:
        said = result.matrix.verdict().of(language)
    elif state:
        said = state.trouble or desk.words.text("compare.measuring")
    return desk.live(
        "compared",
        "/compare/live",
        moving=state is not None and state.under_way,
        said=said,
        telling={"classifier": classifier},
        classifier=classifier,
        state=state,
        result=result,
        matrix=matrix,
        columns=[
            (backend, heads[backend].of(language) if heads else comparison.BACKEND_NAMES[backend])
            for backend in comparison.COLUMNS
        ],
        rows=list(measured_rows(result)) if result else [],
        sentences=[paired_sentence(result).of(language), load_sentence(result).of(language)] if result else [],
        caveats=[caveat.of(language) for caveat in result.caveats] if result else [],
        rules=list(rules_of(matrix)),
        note_of=note_of,
        language=language,
    )
