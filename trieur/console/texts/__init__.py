"""Everything the console says, one catalogue a language; `{name}` stands for what is filled in."""

from trieur.console.texts import en, fr

TEXTS: dict[str, dict[str, str]] = {"en": en.TEXTS, "fr": fr.TEXTS}
