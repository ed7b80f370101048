"""What a month of a classifier costs, for each way to serve it."""

from trieur.costs.crossovers import Crossover
from trieur.costs.live import LivePrices, PriceListUnavailable, live_prices
from trieur.costs.load import ImpossibleLoad, Load
from trieur.costs.month import DEFAULT_MACHINES, ItemCost, Month, WayCost, month_of
from trieur.costs.page import html
from trieur.costs.plot import svg
from trieur.costs.prices import DEFAULT_REGION, Price, Prices, UnknownPrice, UnknownRegion, dated_prices, has_comprehend
from trieur.costs.published import PublishedFigure, published_figures
from trieur.costs.training import TrainingEstimate, training_estimate
from trieur.costs.ways import Machines
from trieur.costs.wording import Language, Text, money, number

__all__ = [
    "DEFAULT_MACHINES",
    "DEFAULT_REGION",
    "Crossover",
    "ImpossibleLoad",
    "ItemCost",
    "Language",
    "LivePrices",
    "Load",
    "Machines",
    "Month",
    "Price",
    "PriceListUnavailable",
    "Prices",
    "PublishedFigure",
    "Text",
    "TrainingEstimate",
    "UnknownPrice",
    "UnknownRegion",
    "WayCost",
    "dated_prices",
    "has_comprehend",
    "html",
    "live_prices",
    "money",
    "month_of",
    "number",
    "published_figures",
    "svg",
    "training_estimate",
]
