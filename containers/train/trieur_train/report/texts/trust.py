"""What the report says about probabilities: calibration, rejection and the most confident errors."""

from trieur_train.report.texts.text import Text

TEXTS = {
    "calibration.title": Text("Can its probabilities be believed?", "Peut-on croire ses probabilités ?"),
    "calibration.words.multi-class": Text(
        "Each disc is a group of test answers: how sure the model was, and how often it was right. On the dashed line "
        "it is as sure as it is right; below it, too sure. The larger the disc, the more answers.",
        "Chaque disque est un groupe de réponses de test : combien le modèle était sûr, et combien de fois il avait "
        "raison. Sur le pointillé, il est aussi sûr qu'il a raison ; dessous, trop sûr. Plus le disque est grand, plus "
        "il y a de réponses.",
    ),
    "calibration.words.multi-label": Text(
        "Each disc is a group of probabilities, one for each test example and label: how high they were, and how often "
        "the label was right. On the dashed line the model is as sure as it is right; below it, too sure. The larger "
        "the disc, the more probabilities.",
        "Chaque disque est un groupe de probabilités, une par exemple de test et étiquette : leur hauteur, et combien "
        "de fois l'étiquette était juste. Sur le pointillé, le modèle est aussi sûr qu'il a raison ; dessous, trop "
        "sûr. Plus le disque est grand, plus il y a de probabilités.",
    ),
    "calibration.temperature": Text(
        "The probabilities are calibrated with a temperature of {temperature}, chosen on the validation split. The "
        "expected gap between probability and truth on the test split goes from {before} to {after}, the validation "
        "loss from {loss_before} to {loss_after}.",
        "Les probabilités sont calibrées par une température de {temperature}, choisie sur le jeu de validation. "
        "L'écart attendu entre probabilité et vérité en test passe de {before} à {after}, la perte de validation de "
        "{loss_before} à {loss_after}.",
    ),
    "calibration.overconfident": Text(
        "Above 1, it lowers probabilities: the model was too sure.",
        "Au-dessus de 1, elle abaisse les probabilités : le modèle était trop sûr.",
    ),
    "calibration.underconfident": Text(
        "Below 1, it raises probabilities: the model was not sure enough.",
        "Au-dessous de 1, elle relève les probabilités : le modèle n'était pas assez sûr.",
    ),
    "calibration.chart": Text(
        "Reliability diagram of {bins} groups; the table below has its numbers.",
        "Diagramme de fiabilité de {bins} groupes ; le tableau ci-dessous en donne les nombres.",
    ),
    "calibration.x": Text("probability given", "probabilité annoncée"),
    "calibration.y": Text("share right", "part de justes"),
    "calibration.point": Text(
        "{examples}: {confidence} sure, {accuracy} right", "{examples} : sûr à {confidence}, juste à {accuracy}"
    ),
    "calibration.caption": Text("Probability and truth on the test split", "Probabilité et vérité sur le jeu de test"),
    "calibration.numbers": Text("The numbers", "Les nombres"),
    "calibration.range": Text("Probabilities", "Probabilités"),
    "calibration.confidence": Text("Mean", "Moyenne"),
    "calibration.accuracy": Text("Right", "Justes"),
    "calibration.answers": Text("Answers", "Réponses"),
    "rejection.title": Text("When to answer “none of these”", "Quand répondre « aucune de celles-ci »"),
    "rejection.words.multi-class": Text(
        "Below a probability of {threshold}, the answer should be “none of these”. The threshold was chosen on the "
        "validation split so that {precision} of what is still answered is right.",
        "Sous une probabilité de {threshold}, la réponse devrait être « aucune de celles-ci ». Le seuil a été choisi "
        "sur le jeu de validation pour que {precision} des réponses encore données soient justes.",
    ),
    "rejection.words.multi-label": Text(
        "A label with a probability below {threshold} should not be given; where none is left, the answer is “none of "
        "these”. The threshold was chosen on the validation split so that {precision} of the labels still given are "
        "right.",
        "Une étiquette de probabilité inférieure à {threshold} ne devrait pas être donnée ; s'il n'en reste aucune, la "
        "réponse est « aucune de celles-ci ». Le seuil a été choisi sur le jeu de validation pour que {precision} des "
        "étiquettes encore données soient justes.",
    ),
    "rejection.never": Text(
        "No threshold shows a precision of {precision} on the validation split, so none travels with the model: it "
        "answers every text. Ask for less with the hyperparameter rejection_precision, or give it more examples.",
        "Aucun seuil ne montre une précision de {precision} sur le jeu de validation ; aucun n'accompagne donc le "
        "modèle, qui répond à tous les textes. Demandez moins avec l'hyperparamètre rejection_precision, ou donnez-lui "
        "plus d'exemples.",
    ),
    "rejection.caption": Text("With this threshold", "Avec ce seuil"),
    "rejection.answered.multi-class": Text("Still answered", "Réponses données"),
    "rejection.answered.multi-label": Text("Labels still given", "Étiquettes encore données"),
    "rejection.precision": Text("Of which right", "Dont justes"),
    "errors.title": Text("The most confident errors", "Les erreurs les plus assurées"),
    "errors.words": Text(
        "Test examples that the model got wrong, the surest first. Many of them show a label to clean up rather than "
        "a mistake of the model.",
        "Exemples de test où le modèle se trompe, les plus assurés d'abord. Beaucoup révèlent une étiquette à corriger "
        "plutôt qu'une faute du modèle.",
    ),
    "errors.none": Text(
        "No error on {examples}. That is no promise: up to {most} of errors would still be compatible with it.",
        "Aucune erreur sur {examples}. Ce n'est pas une promesse : jusqu'à {most} d'erreurs resteraient compatibles "
        "avec cela.",
    ),
    "errors.more": Text("The next {errors}", "Les {errors} suivantes"),
    "errors.rest": Text("The {shown} surest of {errors}.", "Les {shown} plus assurées sur {errors}."),
    "errors.caption": Text("Errors on the test split", "Erreurs sur le jeu de test"),
}
