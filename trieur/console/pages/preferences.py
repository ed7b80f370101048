"""`/language`: the reader's choice, kept in a cookie."""

from fastapi import APIRouter, HTTPException
from fastapi.responses import RedirectResponse

from trieur.console.desk import LANGUAGE_COOKIE, Form
from trieur.console.words import LANGUAGES

router = APIRouter()


@router.post("/language")
def choose_language(form: Form) -> RedirectResponse:
    if form.get("language") not in LANGUAGES:
        raise HTTPException(422, "no_such_page")
    back = form.get("back", "/")
    # A path of this console and no other address: browsers read // and /\ as another host's.
    if not back.startswith("/") or back[1:2] in ("/", "\\"):
        back = "/"
    response = RedirectResponse(back, 303)
    response.set_cookie(LANGUAGE_COOKIE, form["language"], max_age=365 * 86_400, httponly=True, samesite="strict")
    return response
