"""`/`: every classifier, how its newest run goes and what answers for it."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from trieur.console.desk import AtDesk, Region
from trieur.console.place import ClassifierFacts, PlaceError
from trieur.console.steps import steps_of

router = APIRouter()


@router.get("/")
def overview(desk: AtDesk) -> HTMLResponse:
    return desk.page("overview", region=_region(desk))


@router.get("/overview")
def overview_again(desk: AtDesk) -> HTMLResponse:
    return _region(desk).answer()


def _region(desk: AtDesk) -> Region:
    trouble, classifiers = "", list[ClassifierFacts]()
    try:
        classifiers = desk.place.classifiers()
    except PlaceError as error:
        trouble = str(error)
    moving = any(one.newest is not None and not one.newest.ended for one in classifiers)
    return desk.live(
        "classifiers", "/overview", moving=moving, trouble=trouble, classifiers=classifiers, steps_of=steps_of
    )
