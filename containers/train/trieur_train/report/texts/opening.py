"""The first screen: the headline, the tiles and what must not be overlooked."""

from trieur_train.report.texts.text import Text

TEXTS = {
    "title": Text("Training report", "Rapport d'entraînement"),
    "language": Text("English", "Français"),
    "switch": Text("Language", "Langue"),
    "run": Text("run {run}", "exécution {run}"),
    "mode.multi-class": Text("one label a text", "une étiquette par texte"),
    "mode.multi-label": Text("several labels a text", "plusieurs étiquettes par texte"),
    "contents": Text("Contents", "Sommaire"),
    "headline.multi-class": Text(
        "{accuracy} of {examples} never seen in training are answered right (95% interval {interval}).",
        "{accuracy} des {examples} jamais vus à l'entraînement reçoivent la bonne réponse (intervalle à 95 % : "
        "{interval}).",
    ),
    "headline.multi-label": Text(
        "{accuracy} of {examples} never seen in training are given exactly their labels (95% interval {interval}).",
        "{accuracy} des {examples} jamais vus à l'entraînement reçoivent exactement leurs étiquettes (intervalle à "
        "95 % : {interval}).",
    ),
    "headline.better": Text(
        "A linear model gets {accuracy}: the transformer is better, and chance alone hardly explains it ({p_value}).",
        "Un modèle linéaire obtient {accuracy} : le transformeur fait mieux, et le hasard seul ne l'explique guère "
        "({p_value}).",
    ),
    "headline.worse": Text(
        "A linear model gets {accuracy}: it is better than the transformer, and chance alone hardly explains it "
        "({p_value}).",
        "Un modèle linéaire obtient {accuracy} : il fait mieux que le transformeur, et le hasard seul ne l'explique "
        "guère ({p_value}).",
    ),
    "headline.tied": Text(
        "A linear model gets {accuracy}: the difference is not significant ({p_value}).",
        "Un modèle linéaire obtient {accuracy} : la différence n'est pas significative ({p_value}).",
    ),
    "tile.accuracy": Text("Test accuracy", "Exactitude en test"),
    "tile.accuracy.multi-class": Text("{right} of {examples} right", "{right} sur {examples} justes"),
    "tile.accuracy.multi-label": Text(
        "{right} of {examples} with every label right", "{right} sur {examples} avec toutes leurs étiquettes justes"
    ),
    "tile.macro_f1": Text("Macro F1", "F1 macro"),
    "tile.macro_f1.words": Text(
        "every label counts the same; 95% interval {interval}",
        "chaque étiquette compte autant ; intervalle à 95 % : {interval}",
    ),
    "tile.baseline": Text("Against a linear model", "Face à un modèle linéaire"),
    "tile.baseline.better": Text("significant: it gets {accuracy}", "significatif : il obtient {accuracy}"),
    "tile.baseline.worse": Text("significant: it gets {accuracy}", "significatif : il obtient {accuracy}"),
    "tile.baseline.tied": Text("not significant: it gets {accuracy}", "non significatif : il obtient {accuracy}"),
    "tile.majority": Text("Commonest label", "Étiquette la plus fréquente"),
    "tile.majority.multi-class": Text(
        "right when it is always answered: the least to beat",
        "d'exactitude en la répondant toujours : le minimum à battre",
    ),
    "tile.majority.multi-label": Text("of the test examples carry it", "des exemples de test la portent"),
    "tile.answered.multi-class": Text(
        "of the test examples; below a probability of {threshold}, “none of these”",
        "des exemples de test ; sous une probabilité de {threshold}, « aucune de celles-ci »",
    ),
    "tile.answered.multi-label": Text(
        "of the labels it would give; none is given below a probability of {threshold}",
        "des étiquettes qu'il donnerait ; aucune sous une probabilité de {threshold}",
    ),
    "tile.answered.never": Text(
        "no “none of these”: no threshold shows {precision} precision",
        "pas de « aucune de celles-ci » : aucun seuil ne montre {precision} de précision",
    ),
    "tile.time": Text("Training job", "Entraînement"),
    "tile.time.cost": Text("at least {cost}", "au moins {cost}"),
    "tile.time.nothing": Text("cost unknown: no price an hour", "coût inconnu : pas de prix horaire"),
    "notice.scratch": Text("Trained from scratch", "Entraîné à partir de zéro"),
    "notice.scratch.words": Text(
        "No pretrained base model was found, so a small network learnt from these examples alone, without any "
        "knowledge of the language. Expect about what a linear model gives; with a pretrained base model the results "
        "would be others.",
        "Aucun modèle de base préentraîné n'a été trouvé : un petit réseau a appris de ces seuls exemples, sans rien "
        "connaître de la langue. Attendez-en à peu près ce que donne un modèle linéaire ; avec un modèle de base "
        "préentraîné, les résultats seraient autres.",
    ),
    "notice.full_precision": Text("Ships in full precision", "Livré en pleine précision"),
    "notice.full_precision.words": Text(
        "The int8 graph would have given the trained model's answer for only {agreement} of the validation texts, so "
        "the full-precision graph ships: the same answers, larger ({size}) and slower.",
        "Le graphe int8 n'aurait donné la réponse du modèle entraîné que pour {agreement} des textes de validation ; "
        "c'est donc le graphe en pleine précision qui est livré : mêmes réponses, plus gros ({size}) et plus lent.",
    ),
    "notice.base_model": Text("About the base model", "À propos du modèle de base"),
    "notice.warnings": Text("About the dataset: {warnings}", "À propos des données : {warnings}"),
    "notice.warnings.words": Text("Read them before believing the figures.", "À lire avant de se fier aux chiffres."),
}
