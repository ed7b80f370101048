"""What a comparison says, row by row and in words, for every form of output."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from trieur.comparison.comparison import Comparison, Side
from trieur.comparison.judgement import Share
from trieur.comparison.matrix import BACKEND_NAMES, COLUMNS, Criterion, Matrix
from trieur.costs.wording import Language, Text, both, duration, money, number
from trieur.settings import Backend

NOTHING: Final = Text("not known", "inconnu")
# French has a space before them, that does not break.
COLON: Final = Text(":", "\u00a0:")
_SEMICOLON: Final = Text(";", "\u00a0;")
_SOURCES: Final[Mapping[str, Text]] = {
    "endpoint": Text("asked now", "interrogé à l'instant"),
    "recorded": Text("answers recorded then", "réponses enregistrées alors"),
    "metrics": Text("figures of its training", "chiffres de son entraînement"),
}


@dataclass(frozen=True)
class Row:
    """One measurement of both backends."""

    name: Text
    values: Mapping[Backend, Text]


def column_heads(comparison: Comparison) -> Mapping[Backend, Text]:
    """The backends' names, a stand-in's with the word."""
    return {
        backend: Text(f"{BACKEND_NAMES[backend]} (stand-in)", f"{BACKEND_NAMES[backend]} (substitut)")
        if comparison.sides[backend].is_stand_in
        else Text(BACKEND_NAMES[backend], BACKEND_NAMES[backend])
        for backend in COLUMNS
    }


def measured_rows(comparison: Comparison) -> Iterator[Row]:
    for name, of in (
        (
            Text("run", "run"),
            lambda side: Text(f"{side.run.run_id}, {side.run.status}", f"{side.run.run_id}, {side.run.status}"),
        ),
        (Text("judged by", "jugé d'après"), _judged),
        (Text("accuracy (95 %)", "exactitude (95 %)"), lambda side: _share(side.quality.accuracy)),
        (Text("macro-F1 (95 %)", "macro-F1 (95 %)"), lambda side: _share(side.quality.macro_f1)),
        (Text("an answer", "une réponse"), _latency),
        (Text("a month", "un mois"), lambda side: _month(side, comparison)),
        (Text("from drop to live", "du dépôt à la mise en service"), lambda side: _time(side.seconds_to_live)),
        (Text("training", "entraînement"), lambda side: _time(side.training_seconds)),
    ):
        yield Row(name, {backend: of(comparison.sides[backend]) for backend in COLUMNS})


def paired_sentence(comparison: Comparison) -> Text:
    """What McNemar's test says."""
    if comparison.paired is None:
        return Text(
            "No paired test: single answers are known of one backend at most.",
            "Pas de test apparié : les réponses ne sont connues une à une que pour un backend au plus.",
        )
    found = comparison.paired
    chance = Text("a difference that chance can make", "une différence que le hasard peut produire")
    real = Text("hardly chance", "difficilement du hasard")
    verdict = real if found.is_significant else chance
    return Text(
        *(
            both(
                "Only Comprehend is right on {theirs}, only CamemBERT on {ours}; McNemar's exact test: p = {p}, {v}.",
                "Seul Comprehend a raison sur {theirs}, seul CamemBERT sur {ours} ; test exact de McNemar : p = {p},"
                " {v}.",
                theirs=found.only_comprehend,
                ours=found.only_camembert,
                p=found.p_value,
                v=verdict.of(language),
            ).of(language)
            for language in ("en", "fr")
        )
    )


def load_sentence(comparison: Comparison) -> Text:
    """For which load the month is reckoned."""
    load = comparison.load
    return both(
        "The month: {questions} questions, {hours} hours a week, prices of {region} as seen in {seen}.",
        "Le mois : {questions} questions, {hours} heures par semaine, prix de {region} relevés en {seen}.",
        questions=load.questions,
        hours=load.hours_a_week,
        region=comparison.prices.region,
        seen=comparison.prices.seen,
    )


def note_of(criterion: Criterion, backend: Backend, language: Language = "en") -> str:
    """The note, and what it adds."""
    return f"{number(criterion.notes[backend], language)} × {number(criterion.coefficient, language)} = " + number(
        criterion.weighted(backend), language
    )


def rules_of(matrix: Matrix) -> Iterator[tuple[Text, Text]]:
    """Each criterion's name with how its notes are given, and why they are what they are."""
    for criterion in matrix.criteria:
        if criterion.rule is None:
            continue
        yield (
            criterion.name,
            Text(
                *(
                    f"{criterion.rule.of(language)}. "
                    + f"{_SEMICOLON.of(language)} ".join(
                        f"{BACKEND_NAMES[b]}{COLON.of(language)} {criterion.reasons[b].of(language)}" for b in COLUMNS
                    )
                    + "."
                    for language in ("en", "fr")
                )
            ),
        )


def _time(seconds: float | None) -> Text:
    return NOTHING if seconds is None else duration(seconds)


def _judged(side: Side) -> Text:
    quality, source = side.quality, _SOURCES[side.quality.source]
    refused = both(", {n} refused", ", {n} refusés", n=quality.refused) if quality.refused else Text("", "")
    return Text(
        *(
            both(
                "{right} of {examples} right, {source}{refused}",
                "{right} sur {examples} justes, {source}{refused}",
                right=quality.right,
                examples=quality.examples,
                source=source.of(language),
                refused=refused.of(language),
            ).of(language)
            for language in ("en", "fr")
        )
    )


def _share(share: Share) -> Text:
    english = f"{share.value:.3f}"
    if share.low is not None and share.high is not None:
        english += f" ({share.low:.3f} – {share.high:.3f})"
    return Text(english, english.replace(".", ","))


def _latency(side: Side) -> Text:
    if side.latency is None:
        return NOTHING
    one = side.latency
    return both(
        "{p50} ms median; mean {mean} ± {sd}, p90 {p90}, p99 {p99} ({n} requests)",
        "{p50} ms médiane ; moyenne {mean} ± {sd}, p90 {p90}, p99 {p99} ({n} requêtes)",
        p50=one.p50,
        mean=one.mean,
        sd=one.standard_deviation,
        p90=one.p90,
        p99=one.p99,
        n=one.requests,
    )


def _month(side: Side, comparison: Comparison) -> Text:
    if side.month is None:
        return NOTHING
    if not side.month.feasible:
        return Text("cannot serve that load", "ne peut pas servir cette charge")
    usd, eur, title = side.month.total, comparison.prices.in_eur(side.month.total), side.month.title
    return Text(
        f"{money(usd)} $ ({money(eur)} EUR), {title.en}", f"{money(usd, 'fr')} $ ({money(eur, 'fr')} EUR), {title.fr}"
    )
