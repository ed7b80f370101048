"""What a request is answered with: the place, the session, the words of the reader's language and the templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from trieur import names
from trieur.console.place import Place
from trieur.console.session import Session
from trieur.console.words import LANGUAGES, Words, negotiated

LANGUAGE_COOKIE: Final = "trieur-language"
MOST_FORM_BYTES: Final = 512 * 1024

# Seconds between two looks at what goes on, and at what stands still.
SOON: Final = 2
LATER: Final = 20

_NOTHING: Final = Markup("")
_TEMPLATES: Final = Path(__file__).with_name("templates")


class Desk:
    """Made for one request."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.place: Place = request.app.state.place
        self.session: Session = request.app.state.session
        chosen = request.cookies.get(LANGUAGE_COOKIE, "")
        fitting = next((language for language in LANGUAGES if language == chosen), None)
        self.words = Words(fitting or negotiated(request.headers.get("accept-language", "")))

    @property
    def asked_for_a_part(self) -> bool:
        """Whether a script of ours puts the answer into a page that stands."""
        return "hx-request" in self.request.headers

    def render(self, template: str, **context: Any) -> Markup:
        url = self.request.url
        here = f"{url.path}?{url.query}" if url.query else url.path
        shown = {"words": self.words, "t": self.words.text, "place": self.place, "path": url.path, "here": here}
        return Markup(_environment().get_template(f"{template}.html.jinja").render(**shown, **context))

    def page(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        return HTMLResponse(self.render(template, **context), status, headers={"Content-Language": self.words.language})

    def now_at(self, address: str) -> Markup:
        """What has a page that stands ask for `address`, which shows what it came to show, in another language."""
        return Markup('<input type="hidden" name="back" id="back" value="{}" hx-swap-oob="true">').format(address)

    def live(
        self,
        template: str,
        address: str,
        *,
        moving: bool,
        said: str = "",
        telling: Mapping[str, str] = MappingProxyType({}),
        **context: Any,
    ) -> "Region":
        """A region that asks for itself again, at `address` and `telling` this: soon while something is `moving`.

        While its pace stays, what has not changed in it stays too, the reader's focus among it.

        `said` is what a screen reader is told once the region has changed.
        """
        content = self.render(template, **context)
        seen = blake2b(f"{moving}{said}{content}".encode(), digest_size=8).hexdigest()
        html = self.render(
            "live",
            identity=f"live-{template}",
            address=f"{address}?{urlencode({'seen': seen, **telling})}",
            seconds=SOON if moving else LATER,
            content=content,
            said=said if self.asked_for_a_part else "",
        )
        return Region(html, unchanged=self.request.query_params.get("seen") == seen)


@dataclass(frozen=True)
class Region:
    """A part of a page; `unchanged` where the page that asks shows it already."""

    html: Markup
    unchanged: bool

    def answer(self, also: Markup = _NOTHING) -> HTMLResponse:
        """The region with `also` behind it, or nothing that the page would have to change."""
        return HTMLResponse(status_code=204) if self.unchanged else HTMLResponse(self.html + also)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form as browsers send it, the last of each name. Raises HTTPException 413 for a large one."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_FORM_BYTES:
            raise HTTPException(413, "too_large")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def known_name(classifier: str) -> str:
    """Raises HTTPException 404 for what cannot name a classifier."""
    if not names.is_classifier(classifier):
        raise HTTPException(404, "no_such_page")
    return classifier


AtDesk = Annotated[Desk, Depends(Desk)]
Form = Annotated[dict[str, str], Depends(read_form)]
ClassifierName = Annotated[str, Depends(known_name)]


def address(*parts: str) -> str:
    """The path of a page."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FileSystemLoader(_TEMPLATES),
    )
    environment.filters["address"] = lambda parts: address(*parts)
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    # `Asking CamemBERT`, as a comparison tells it, is the text `asking.CamemBERT`.
    environment.filters["key"] = lambda what: f"{what[:1].lower()}{what[1:].replace(' ', '.')}"
    environment.globals["HTMX"] = "htmx-4.0.1.min.js"
    return environment
