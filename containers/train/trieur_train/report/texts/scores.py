"""What the report says about the baseline, the labels' scores and the confusion matrix."""

from trieur_train.report.texts.text import Text

TEXTS = {
    "comparison.title": Text("What the transformer buys", "Ce que le transformeur apporte"),
    "comparison.words": Text(
        "The linear model ({name}) learnt from the same training examples in {seconds} and is judged on the same test "
        "examples.",
        "Le modèle linéaire ({name}) a appris des mêmes exemples d'entraînement en {seconds} et il est jugé sur les "
        "mêmes exemples de test.",
    ),
    "comparison.caption": Text(
        "Test split; the line across a bar is the 95% interval",
        "Jeu de test ; le trait sur une barre est l'intervalle à 95 %",
    ),
    "comparison.measure": Text("Measure", "Mesure"),
    "comparison.transformer": Text("Transformer", "Transformeur"),
    "comparison.linear": Text("Linear model", "Modèle linéaire"),
    "comparison.difference": Text("Difference", "Écart"),
    "comparison.counts": Text(
        "Of {examples}, only the transformer is right on {transformer} and only the linear model on {linear}; on all "
        "others both are right or both are wrong (exact McNemar test: {p_value}).",
        "Sur {examples}, seul le transformeur a raison pour {transformer} et seul le modèle linéaire pour {linear} ; "
        "sur tous les autres, les deux ont raison ou les deux ont tort (test exact de McNemar : {p_value}).",
    ),
    "comparison.better": Text(
        "The transformer's advantage is real here; whether it is worth its cost is yours to judge.",
        "L'avantage du transformeur est ici réel ; à vous de juger s'il vaut son coût.",
    ),
    "comparison.worse": Text(
        "On this dataset the linear model is the better choice, and a far cheaper one.",
        "Sur ces données, le modèle linéaire est le meilleur choix, et de loin le moins cher.",
    ),
    "comparison.tied": Text(
        "That is no proof either way: more test examples could settle it.",
        "Cela ne prouve rien dans un sens ni dans l'autre : plus d'exemples de test pourraient trancher.",
    ),
    "comparison.majority.multi-class": Text(
        "Always answering the commonest label would be right for {share}.",
        "Toujours répondre l'étiquette la plus fréquente serait juste pour {share}.",
    ),
    "comparison.majority.multi-label": Text(
        "The commonest label is carried by {share} of the test examples.",
        "L'étiquette la plus fréquente est portée par {share} des exemples de test.",
    ),
    "labels.title": Text("Label by label", "Étiquette par étiquette"),
    "labels.words": Text(
        "Test split, weakest first. Precision: of the examples given this label, how many carry it. Recall: of those "
        "that carry it, how many were given it. F1 weighs both. The line across a bar is the 95% interval: the fewer "
        "the examples, the longer it is.",
        "Jeu de test, les plus faibles d'abord. Précision : parmi les exemples qui reçoivent cette étiquette, combien "
        "la portent. Rappel : parmi ceux qui la portent, combien la reçoivent. F1 pèse les deux. Le trait sur une "
        "barre est l'intervalle à 95 % : moins il y a d'exemples, plus il est long.",
    ),
    "labels.caption": Text(
        "Precision, recall and F1 with 95% intervals", "Précision, rappel et F1 avec leurs intervalles à 95 %"
    ),
    "labels.rest": Text(
        "The {shown} weakest of {labels}; metrics.json has them all.",
        "Les {shown} plus faibles sur {labels} ; metrics.json les a toutes.",
    ),
    "labels.more": Text("The next {labels}", "Les {labels} suivantes"),
    "labels.untested": Text("no test example", "aucun exemple de test"),
    "confusion.title": Text("Confusion matrix", "Matrice de confusion"),
    "confusion.title.multi-label": Text("Right and wrong, label by label", "Juste ou faux, étiquette par étiquette"),
    "confusion.words": Text(
        "Test split. A row is what the examples are, a column what was predicted: the framed diagonal is right, all "
        "else is wrong. Empty is zero.",
        "Jeu de test. Une ligne est ce que sont les exemples, une colonne ce qui a été prédit : la diagonale encadrée "
        "est juste, tout le reste est faux. Vide vaut zéro.",
    ),
    "confusion.words.multi-label": Text(
        "Test split; each label is given or not by itself. Most mistakes first.",
        "Jeu de test ; chaque étiquette est donnée ou non pour elle-même. Les plus d'erreurs d'abord.",
    ),
    "confusion.show": Text("Show", "Montrer"),
    "confusion.counts": Text("counts", "nombres"),
    "confusion.rates": Text("% of the row", "% de la ligne"),
    "confusion.corner": Text("actual ↓ predicted →", "réelle ↓ prédite →"),
    "confusion.cell": Text("{actual} → {predicted}: {count}", "{actual} → {predicted} : {count}"),
    "confusion.too_many": Text(
        "{labels} are too many for a table here; confusion_matrix.json has the whole matrix.",
        "{labels} sont trop pour un tableau ici ; confusion_matrix.json a toute la matrice.",
    ),
    "confusion.most": Text("The most frequent confusions", "Les confusions les plus fréquentes"),
    "confusion.perfect": Text("No test example was confused.", "Aucun exemple de test n'a été confondu."),
    "confusion.share": Text("Of its examples", "De ses exemples"),
    "confusion.found": Text("rightly given", "données à raison"),
    "confusion.missed": Text("missed", "manquées"),
    "confusion.wrong": Text("wrongly given", "données à tort"),
    "confusion.rightly_not": Text("rightly not given", "tues à raison"),
    "confusion.rest": Text(
        "The {shown} labels with the most mistakes, of {labels}; confusion_matrix.json has them all.",
        "Les {shown} étiquettes qui ont le plus d'erreurs, sur {labels} ; confusion_matrix.json les a toutes.",
    ),
}
