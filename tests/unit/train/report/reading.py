"""Reads a report as a browser would, and remembers what tests ask about."""

from collections import Counter
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "hr", "img", "link"}
# Their content is no text of the page.
SILENT = {"style", "title"}


class Page(HTMLParser):
    """The elements, texts and headings of a page. Raises AssertionError where its tags do not match."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.headings: dict[str, list[int]] = {}
        self.tables: list[Counter[str]] = []
        self._open: list[tuple[str, str]] = []
        self.feed(markup)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of that tag."""
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, edition: str) -> str:
        """All that is read in one language's edition, blanks collapsed."""
        return " ".join(" ".join(self.texts[edition]).replace("\u00a0", " ").replace("\u202f", " ").split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        assert len(attributes) == len(attrs), f"an attribute twice: {attrs}"
        self.elements.append((tag, attributes))
        edition = str(attributes["lang"]) if attributes.get("class") == "edition" else self._edition
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.setdefault(edition, []).append(int(tag[1]))
        if tag == "table":
            self.tables.append(Counter())
        elif self.tables and any(name == "table" for name, _ in self._open):
            self.tables[-1][tag if tag != "th" or "scope" in attributes else "th without scope"] += 1
        if tag not in VOID:
            self._open.append((tag, edition))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        name, _ = self._open.pop()
        assert name == tag, f"</{tag}> closes <{name}>"

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] not in SILENT:
            self.texts.setdefault(self._edition, []).append(data)

    @property
    def _edition(self) -> str:
        return self._open[-1][1] if self._open else ""
