"""The frame of a page that opens without a network: styles for light and dark, phone and desktop."""

from html import escape
from pathlib import Path
from typing import Final

from trieur.costs.wording import Language

_STYLE: Final = Path(__file__).with_name("page.css")


def page(title: str, language: Language, body: str) -> str:
    """The whole document around `body`, which is HTML; `title` is text."""
    style = _STYLE.read_text(encoding="utf-8")
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def scrolled(table: str, name: str) -> str:
    """A table that may be wider than a phone, in a region that the keyboard can scroll."""
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(name)}">{table}</div>'
