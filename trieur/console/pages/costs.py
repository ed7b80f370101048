"""`/costs`: what a month of a load costs, for each way to serve it."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import QueryParams

from trieur import costs
from trieur.console.desk import AtDesk, Desk
from trieur.costs.page import crossover_sentences, remarks

router = APIRouter()

# An image has a policy of its own: the plot brings its styles, and asks for nothing.
_IMAGE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Field:
    """A number that a person may set: its name in Load, and the least, the most and the step of it."""

    name: str
    least: float
    most: float
    step: float = 1


FIELDS: Final = (
    Field("questions", 1, 1e9),
    Field("characters", 1, 100_000),
    Field("milliseconds", 1, 60_000),
    Field("hours_a_week", 1, 168),
    Field("memory_gb", 1, 6),
    Field("trainings", 0, 1000),
)


@router.get("/costs")
def costs_page(desk: AtDesk) -> HTMLResponse:
    load, trouble = _load(desk)
    fields = [(field, getattr(load, field.name)) for field in FIELDS]
    return desk.page("costs", fields=fields, **_month(desk, load, trouble))


@router.get("/costs/month")
def costs_month(desk: AtDesk) -> HTMLResponse:
    """The tables and the plot alone."""
    load, trouble = _load(desk)
    month = desk.render("month", **_month(desk, load, trouble))
    return HTMLResponse(month + desk.now_at(f"/costs?{_query(load)}"))


@router.get("/costs/plot.svg")
def costs_plot(desk: AtDesk) -> Response:
    plot = costs.svg(_of(desk, _load(desk)[0]), desk.words.language)
    return Response(plot, media_type="image/svg+xml", headers={"Content-Security-Policy": _IMAGE_POLICY})


def dated_prices(region: str) -> costs.Prices:
    """Those of the region; the default one's where its name is not one of AWS's own."""
    try:
        return costs.dated_prices(region)
    except costs.UnknownRegion:
        return costs.dated_prices()


def _of(desk: Desk, load: costs.Load) -> costs.Month:
    region = desk.place.region
    return costs.month_of(load, dated_prices(region), has_comprehend=costs.has_comprehend(region))


def _month(desk: Desk, load: costs.Load, trouble: str) -> dict[str, Any]:
    month, language = _of(desk, load), desk.words.language
    kinds = [
        {
            "name": "at_once" if at_once else "in_bulk",
            "ways": [way for way in month.ways if way.at_once == at_once],
            "cheapest": month.cheapest(at_once=at_once),
            "changes": [text.of(language) for text in crossover_sentences(month, at_once=at_once)],
        }
        for at_once in (True, False)
    ]
    return {
        "trouble": trouble,
        "month": month,
        "kinds": kinds,
        "dearest": max((way.total for way in month.ways if way.feasible), default=1.0),
        "remarks": [text.of(language) for text in remarks(month)],
        "language": language,
        "query": _query(load),
    }


def _load(desk: Desk) -> tuple[costs.Load, str]:
    """The load that was asked for; the chatbot's, and a sentence that says why, where its numbers make no sense."""
    given = desk.request.query_params
    try:
        chosen: dict[str, Any] = {field.name: _number(given, field) for field in FIELDS if given.get(field.name)}
        return costs.Load(**chosen), ""
    except costs.ImpossibleLoad as error:
        return costs.Load(), str(error)
    except ValueError:
        return costs.Load(), desk.words.text("costs.no_number")


def _number(given: QueryParams, field: Field) -> float:
    """Raises ValueError for what is no number from the field's least to its most."""
    value = float(given[field.name].replace(",", ".").replace("\u202f", ""))
    if not field.least <= value <= field.most:
        raise ValueError(field.name)
    return int(value) if isinstance(getattr(costs.Load(), field.name), int) else value


def _query(load: costs.Load) -> str:
    return urlencode({field.name: getattr(load, field.name) for field in FIELDS})
