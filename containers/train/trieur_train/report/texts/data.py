"""What the report says about the dataset, its warnings and its long texts."""

from trieur_train.report.texts.text import Text

TEXTS = {
    "data.title": Text("Dataset", "Données"),
    "data.words": Text(
        "{examples} with {labels}, split once: the model learns from the training examples, the validation examples "
        "choose the epoch, the temperature and the threshold, and the test examples are kept for the figures above.",
        "{examples} et {labels}, répartis une fois pour toutes : le modèle apprend des exemples d'entraînement, ceux "
        "de validation choisissent l'époque, la température et le seuil, ceux de test sont gardés pour les chiffres "
        "ci-dessus.",
    ),
    "data.caption": Text("Examples in each split", "Exemples de chaque jeu"),
    "data.share": Text("Share", "Part"),
    "data.long": Text("Over {max_length}", "Plus de {max_length}"),
    "data.lengths": Text(
        "Half of the training texts have at most {median}, 95% at most {p95}; the longest has {longest}.",
        "La moitié des textes d'entraînement font au plus {median}, 95 % au plus {p95} ; le plus long en fait "
        "{longest}.",
    ),
    "data.truncate": Text(
        "Of a text over {max_length}, the beginning and the end are read and the middle is left out (policy "
        "“truncate”).",
        "D'un texte de plus de {max_length}, le début et la fin sont lus et le milieu est laissé de côté (politique "
        "« truncate »).",
    ),
    "data.windows": Text(
        "A text over {max_length} is read in overlapping windows of that size, whose answers are averaged (policy "
        "“windows”).",
        "Un texte de plus de {max_length} est lu par fenêtres de cette taille qui se recouvrent, dont les réponses "
        "sont moyennées (politique « windows »).",
    ),
    "data.labels.caption": Text(
        "Examples of each label, fewest first", "Exemples de chaque étiquette, les moins nombreux d'abord"
    ),
    "data.labels.rest": Text(
        "The {shown} labels with the fewest training examples; metrics.json has all {labels}.",
        "Les {shown} étiquettes qui ont le moins d'exemples d'entraînement ; metrics.json a les {labels}.",
    ),
    "warnings.title": Text("Warnings", "Avertissements"),
    "warnings.none": Text(
        "Nothing in the dataset calls for a warning.", "Rien dans les données n'appelle d'avertissement."
    ),
    "warning.few_examples": Text(
        "Fewer than {below} training examples: {labels} ({names}). What so few show is learnt badly; add examples.",
        "Moins de {below} exemples d'entraînement : {labels} ({names}). On apprend mal de si peu ; ajoutez-en.",
    ),
    "warning.imbalance": Text(
        "Strong imbalance: {most} has {most_examples} for training, {least} has {least_examples}. Accuracy flatters "
        "the common labels; read the macro F1, and consider the hyperparameter class_weights.",
        "Fort déséquilibre : {most} a {most_examples} d'entraînement, {least} en a {least_examples}. L'exactitude "
        "flatte les étiquettes fréquentes ; lisez le F1 macro, et pensez à l'hyperparamètre class_weights.",
    ),
    "warning.small_test": Text(
        "Small test split: with {examples}, a single one is worth {worth}. Look at the intervals before comparing two "
        "trainings.",
        "Petit jeu de test : avec {examples}, un seul vaut {worth}. Regardez les intervalles avant de comparer deux "
        "entraînements.",
    ),
    "warning.absent_label.test": Text(
        "No test example: {labels} ({names}). Nothing is known about how well they are recognised.",
        "Aucun exemple de test : {labels} ({names}). On ignore si elles sont bien reconnues.",
    ),
    "warning.absent_label.validation": Text(
        "No validation example: {labels} ({names}). They had no say in the epoch, temperature and threshold.",
        "Aucun exemple de validation : {labels} ({names}). Elles n'ont pas pesé dans le choix de l'époque, de la "
        "température et du seuil.",
    ),
    "warning.text_in_two_splits": Text(
        "In both the {one} and the {other} split: {texts}. What was learnt by heart is then counted as understood.",
        "À la fois dans le jeu d'{one} et dans celui de {other} : {texts}. Ce qui est su par cœur compte alors comme "
        "compris.",
    ),
    "warning.text_in_two_splits.chosen": Text(
        "In both the {one} and the {other} split: {texts}. The choice of the epoch has then seen part of the test.",
        "À la fois dans le jeu de {one} et dans celui de {other} : {texts}. Le choix de l'époque a alors vu une partie "
        "du test.",
    ),
    "warning.contradictory_text": Text(
        "The same text under different labels: {texts}, such as {text}. No model can get all of them right.",
        "Même texte sous des étiquettes différentes : {texts}, par exemple {text}. Aucun modèle ne peut tous les "
        "réussir.",
    ),
    "warning.repeated_text": Text(
        "Repeats of another training text: {texts} of {of}. They weigh more without teaching more.",
        "Répétitions d'un autre texte d'entraînement : {texts} sur {of}. Elles pèsent plus sans apprendre davantage.",
    ),
}
