"""docs/costs.md shows what is computed."""

from pathlib import Path

from trieur.costs import Load, dated_prices, money, month_of, number, published_figures

PAGE = Path(__file__).parents[3] / "docs" / "costs.md"
SECTIONS = ("A month of the chatbot", "Published figures")


def test_the_tables_show_what_is_computed() -> None:
    page = PAGE.read_text(encoding="utf-8").replace("**", "")
    months, published = (page.partition(f"\n## {head}\n")[2].partition("\n## ")[0].splitlines() for head in SECTIONS)
    month = month_of(Load(), dated_prices())
    for way in month.ways:
        [line] = [line for line in months if line[2:].partition(" | ")[0].partition(" (")[0] == way.title.en]
        assert f"| {money(way.total)} |" in line
    for figure in published_figures():
        [line] = [line for line in published if line.startswith(f"| {figure.what.en} |")]
        unit = "$" if figure.currency == "USD" else "EUR"
        assert f"| {number(figure.published)} {unit} | {money(figure.value)} {unit} |" in line


def test_the_crossovers_are_those_computed() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    month = month_of(Load(), dated_prices())
    first = month.crossovers(at_once=True)[0]
    bulk = month.crossovers(at_once=False)[0]
    assert f"{round(first.questions, -4):,.0f} questions a month" in text
    assert f"{round(bulk.questions, -3):,.0f} questions a month" in text
