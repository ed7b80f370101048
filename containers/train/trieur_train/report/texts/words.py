"""Words that no section owns: names of splits and measures, nouns, months."""

from trieur_train.report.texts.text import Noun, Text

NOUNS = {
    "answer": Noun(en=("answer", "answers"), fr=("réponse", "réponses")),
    "epoch": Noun(en=("epoch", "epochs"), fr=("époque", "époques")),
    "error": Noun(en=("error", "errors"), fr=("erreur", "erreurs")),
    "example": Noun(en=("example", "examples"), fr=("exemple", "exemples")),
    "instance": Noun(en=("instance", "instances"), fr=("instance", "instances")),
    "label": Noun(en=("label", "labels"), fr=("étiquette", "étiquettes")),
    "process": Noun(en=("process", "processes"), fr=("processus", "processus")),
    "text": Noun(en=("text", "texts"), fr=("texte", "textes")),
    "token": Noun(en=("token", "tokens"), fr=("jeton", "jetons")),
    "warning": Noun(en=("warning", "warnings"), fr=("avertissement", "avertissements")),
}

MONTHS = (
    Text("January", "janvier"),
    Text("February", "février"),
    Text("March", "mars"),
    Text("April", "avril"),
    Text("May", "mai"),
    Text("June", "juin"),
    Text("July", "juillet"),
    Text("August", "août"),
    Text("September", "septembre"),
    Text("October", "octobre"),
    Text("November", "novembre"),
    Text("December", "décembre"),
)

TEXTS = {
    "accuracy": Text("Accuracy", "Exactitude"),
    "actual": Text("Actual", "Réelle"),
    "all.labels": Text("The {labels} one by one", "Les {labels} une à une"),
    "epoch": Text("Epoch", "Époque"),
    "examples": Text("Examples", "Exemples"),
    "f1": Text("F1", "F1"),
    "label": Text("Label", "Étiquette"),
    "list.more": Text("{names} and {more} more", "{names} et {more} autres"),
    "loss": Text("Loss", "Perte"),
    "macro_f1": Text("Macro F1", "F1 macro"),
    "none": Text("none", "aucune"),
    "precision": Text("Precision", "Précision"),
    "predicted": Text("Predicted", "Prédite"),
    "probability": Text("Probability", "Probabilité"),
    "recall": Text("Recall", "Rappel"),
    "seconds": Text("Time", "Durée"),
    "split": Text("Split", "Jeu"),
    "split.test": Text("test", "test"),
    "split.train": Text("training", "entraînement"),
    "split.validation": Text("validation", "validation"),
    "text": Text("Text", "Texte"),
}
