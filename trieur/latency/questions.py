"""What is asked where the caller has no questions of their own: short ones, as a chatbot gets."""

from typing import Final

QUESTIONS: Final = (
    "Qui est Marie Curie ?",
    "Qui est-ce qui fait du nodejs ?",
    "Comment ça va ?",
    "Tu connais quelqu'un qui maîtrise Kubernetes ?",
    "Bonjour, tu vas bien ce matin ?",
    "Je cherche qui est Ada Lovelace, tu peux m'aider ?",
    "Qui s'y connaît en droit social ?",
    "c'est qui Alan Turing",
    "La forme ?",
    "À qui m'adresser pour un problème de réseau ?",
)
