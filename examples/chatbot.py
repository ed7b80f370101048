"""A chatbot that routes questions in real time: a classifier says what is asked, and what answers follows from it.

    python examples/chatbot.py                        # asks the classifier `questions`; Ctrl-D ends it
    python examples/chatbot.py --language en --verbose
    echo "Qui s'y connaît en Kubernetes ?" | python examples/chatbot.py

The classifier is the one that examples/chatbot-questions.json trains, with its three classes: who a person is, who has
a skill, and how the chatbot is. People and skills are made up. Below the threshold it asks to say it otherwise.
Set AWS_ENDPOINT_URL to ask the local AWS (`make local` prints it) instead of the real one.
"""

import argparse
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from trieur import Classifier, ClassifierError, Prediction

Language = Literal["fr", "en"]


@dataclass(frozen=True)
class Person:
    name: str
    role: dict[Language, str]
    skills: tuple[str, ...]


PEOPLE: Final = (
    Person("Marie Curie", {"fr": "directrice de la recherche", "en": "head of research"}, ("Python", "statistiques")),
    Person("Ada Lovelace", {"fr": "développeuse", "en": "developer"}, ("nodejs", "TypeScript", "React")),
    Person("Grace Hopper", {"fr": "architecte", "en": "architect"}, ("COBOL", "Java", "SQL")),
    Person("Alan Turing", {"fr": "responsable sécurité", "en": "head of security"}, ("Kubernetes", "AWS", "sécurité")),
    Person("Blaise Pascal", {"fr": "comptable", "en": "accountant"}, ("Excel", "SAP", "paie")),
)

SENTENCES: Final[dict[str, dict[Language, str]]] = {
    "greeting": {"fr": "Posez votre question (Ctrl-D pour finir).", "en": "Ask your question (Ctrl-D ends)."},
    "person": {"fr": "{name}, {role}. Compétences : {skills}.", "en": "{name}, {role}. Skills: {skills}."},
    "no person": {
        "fr": "Je ne trouve pas cette personne dans l'annuaire.",
        "en": "I do not find that person in the directory.",
    },
    "skill": {"fr": "Pour {skill}, demandez à {names}.", "en": "For {skill}, ask {names}."},
    "no skill": {
        "fr": "Je ne connais personne pour cela. Je connais : {skills}.",
        "en": "I know nobody for that. What I know of: {skills}.",
    },
    "small talk": {
        "fr": "Très bien, merci ! Je trie des questions toute la journée, que demander de plus ?",
        "en": "Very well, thank you! I sort questions all day, what more could one ask for?",
    },
    "rephrase": {
        "fr": "Je ne suis pas sûr de comprendre : pouvez-vous le dire autrement ?",
        "en": "I am not sure I understand: could you say it in other words?",
    },
}


def plain(text: str) -> str:
    """Lower-case words without accents and punctuation, each between blanks."""
    letters = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", letters)
    return f" {' '.join(words)} "


def who_is(question: str, language: Language) -> str:
    asked = plain(question)
    for person in PEOPLE:
        if any(plain(part) in asked for part in person.name.split()):
            skills = ", ".join(person.skills)
            return SENTENCES["person"][language].format(name=person.name, role=person.role[language], skills=skills)
    return SENTENCES["no person"][language]


def who_knows_about(question: str, language: Language) -> str:
    asked = plain(question)
    known = {skill for person in PEOPLE for skill in person.skills}
    skill = next((one for one in sorted(known) if plain(one) in asked), None)
    if skill is None:
        return SENTENCES["no skill"][language].format(skills=", ".join(sorted(known, key=str.casefold)))
    names = ", ".join(person.name for person in PEOPLE if skill in person.skills)
    return SENTENCES["skill"][language].format(skill=skill, names=names)


def how_are_you(_question: str, language: Language) -> str:
    return SENTENCES["small talk"][language]


ROUTES: Final[dict[str, Callable[[str, Language], str]]] = {
    "WHO_IS": who_is,
    "WHO_KNOWS_ABOUT": who_knows_about,
    "HOW_ARE_YOU": how_are_you,
}


def reply(question: str, prediction: Prediction, language: Language) -> str:
    """What the chatbot says to `question`, given what the classifier made of it."""
    route = None if prediction.is_none_of_these else ROUTES.get(prediction.label)
    return route(question, language) if route else SENTENCES["rephrase"][language]


def converse(classifier: Classifier, questions: Iterable[str], language: Language, *, verbose: bool) -> None:
    """Answer each question as it comes. Raises ClassifierError."""
    for line in questions:
        question = line.strip()
        if not question:
            continue
        begun = time.perf_counter()
        prediction = classifier.predict(question)
        milliseconds = (time.perf_counter() - begun) * 1000
        if verbose:
            print(f"  [{prediction.label} {prediction.probability:.1%}, {milliseconds:.0f} ms]")
        print(reply(question, prediction, language), flush=True)


def typed(prompt: str) -> Iterable[str]:
    """Lines of a terminal, until Ctrl-D."""
    while True:
        try:
            yield input(prompt)
        except EOFError:
            print()
            return


def main() -> int:
    parser = argparse.ArgumentParser(description="A chatbot that routes three kinds of questions.")
    parser.add_argument("--classifier", default="questions", help="whom to ask (default: questions)")
    parser.add_argument("--language", choices=("fr", "en"), default="fr", help="in which it answers (default: fr)")
    parser.add_argument("--threshold", type=float, default=0.7, help="below it, it asks again (default: 0.7)")
    parser.add_argument("--verbose", action="store_true", help="show class, probability and time of each question")
    arguments = parser.parse_args()
    questions: Iterable[str] = sys.stdin
    if sys.stdin.isatty():
        print(SENTENCES["greeting"][arguments.language])
        questions = typed("> ")
    try:
        with Classifier(arguments.classifier, threshold=arguments.threshold) as classifier:
            converse(classifier, questions, arguments.language, verbose=arguments.verbose)
    except (ClassifierError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
