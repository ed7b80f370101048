"""The box to try a classifier in: classes as bars while one types, and what was asked since the console's start."""

from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from trieur.console.desk import AtDesk, ClassifierName, Form
from trieur.console.place import ClassifierFacts, PlaceError
from trieur.console.session import Asked
from trieur.settings import BACKENDS, Backend

router = APIRouter(prefix="/classifiers/{classifier}")

MOST_CHARACTERS: Final = 5_000
BARS_SHOWN: Final = 8


@router.post("/ask")
def ask(desk: AtDesk, classifier: ClassifierName, form: Form) -> HTMLResponse:
    """The bars of the text's classes, and the history beside them."""
    text, backend = form.get("text", "").strip(), _backend(form.get("backend", ""))
    if not text:
        return HTMLResponse(desk.render("bars", answer=None, trouble="", shown=BARS_SHOWN))
    if len(text) > MOST_CHARACTERS:
        most = desk.words.number(MOST_CHARACTERS)
        trouble = desk.words.text("try.too_long", most=most)
        return HTMLResponse(desk.render("bars", answer=None, trouble=trouble, shown=BARS_SHOWN))
    try:
        answer = desk.place.ask(classifier, text, backend)
    except PlaceError as error:
        return HTMLResponse(desk.render("bars", answer=None, trouble=str(error), shown=BARS_SHOWN))
    desk.session.note_asked(classifier, Asked(text, answer, datetime.now(UTC)))
    bars = desk.render("bars", answer=answer, trouble="", shown=BARS_SHOWN)
    history = desk.render("asked", asked=desk.session.asked(classifier), beside=True)
    return HTMLResponse(bars + history)


def try_it(desk: AtDesk, facts: ClassifierFacts, *, beside: bool = False) -> Markup:
    """The box, ready where an endpoint answers; `beside` where it comes with another part of the page."""
    return desk.render(
        "try",
        facts=facts,
        beside=beside,
        most=MOST_CHARACTERS,
        history=desk.render("asked", asked=desk.session.asked(facts.name), beside=False),
    )


def _backend(given: str) -> Backend:
    found = next((backend for backend in BACKENDS if backend == given), None)
    if found is None:
        raise HTTPException(422, "no_such_page")
    return found
