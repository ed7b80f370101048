"""What the report says about the learning, the recipe, the time, the cost and the model that came out."""

from trieur_train.report.texts.text import Text

TEXTS = {
    "learning.title": Text("How it learnt", "Comment il a appris"),
    "learning.chart": Text(
        "{measure} per epoch, training and validation: validation starts at {first}, is {kept} in the kept epoch "
        "{best} and ends at {last}. All numbers are in the table below.",
        "{measure} par époque, entraînement et validation : la validation part de {first}, vaut {kept} à l'époque "
        "gardée {best} et finit à {last}. Tous les nombres sont dans le tableau ci-dessous.",
    ),
    "learning.point": Text("{split}, epoch {epoch}: {value}", "{split}, époque {epoch} : {value}"),
    "learning.kept": Text("kept: epoch {epoch}", "gardée : époque {epoch}"),
    "learning.best": Text(
        "The weights of epoch {epoch} were kept: the lowest validation loss.",
        "Les poids de l'époque {epoch} ont été gardés : la plus faible perte de validation.",
    ),
    "learning.all": Text("All {epochs} were run.", "Les {epochs} ont toutes été faites."),
    "learning.stopped": Text(
        "Training stopped early, after epoch {last} of at most {most}: for {patience} the validation loss had improved "
        "by less than {least}.",
        "L'entraînement s'est arrêté tôt, après l'époque {last} sur {most} au plus : depuis {patience}, la perte de "
        "validation ne s'améliorait pas de {least}.",
    ),
    "learning.head": Text(
        "The recipe “head” fits its linear classifier in one go, so there is no curve over epochs. It ended with a "
        "loss of {train_loss} on the training split and {validation_loss} on the validation split, and an accuracy of "
        "{train_accuracy} and {validation_accuracy}.",
        "La recette « head » ajuste son classifieur linéaire d'un coup ; il n'y a donc pas de courbe par époque. Elle "
        "finit avec une perte de {train_loss} à l'entraînement et {validation_loss} en validation, et une exactitude "
        "de {train_accuracy} et {validation_accuracy}.",
    ),
    "learning.single": Text(
        "There was one epoch, so there is no curve. It ended with a loss of {train_loss} on the training split and "
        "{validation_loss} on the validation split, and an accuracy of {train_accuracy} and {validation_accuracy}.",
        "Il n'y a eu qu'une époque, donc pas de courbe. Elle finit avec une perte de {train_loss} à l'entraînement et "
        "{validation_loss} en validation, et une exactitude de {train_accuracy} et {validation_accuracy}.",
    ),
    "learning.every": Text("Every epoch", "Chaque époque"),
    "learning.caption": Text("Loss and accuracy of every epoch", "Perte et exactitude de chaque époque"),
    "learning.train_loss": Text("Training loss", "Perte, entraînement"),
    "learning.train_accuracy": Text("Training accuracy", "Exactitude, entraînement"),
    "learning.validation_loss": Text("Validation loss", "Perte, validation"),
    "learning.validation_accuracy": Text("Validation accuracy", "Exactitude, validation"),
    "learning.validation_macro_f1": Text("Validation macro F1", "F1 macro, validation"),
    "job.title": Text("Recipe, time and cost", "Recette, durée et coût"),
    "recipe.title": Text("Recipe", "Recette"),
    "recipe.full": Text(
        "full: every layer of the base model is trained.",
        "full : toutes les couches du modèle de base sont entraînées.",
    ),
    "recipe.fast": Text(
        "fast: the lower layers stay as they were pretrained, and only the upper ones are trained.",
        "fast : les couches basses restent telles que préentraînées ; seules les couches hautes sont entraînées.",
    ),
    "recipe.head": Text(
        "head: the base model stays as it was pretrained, and a linear classifier is fitted on what it makes of texts.",
        "head : le modèle de base reste tel que préentraîné ; un classifieur linéaire est ajusté sur ce qu'il tire des "
        "textes.",
    ),
    "recipe.why.asked": Text("It was asked for.", "Elle a été demandée."),
    "recipe.why.scratch": Text(
        "Without a pretrained base model there is nothing to keep: every layer has to learn.",
        "Sans modèle de base préentraîné, il n'y a rien à garder : chaque couche doit apprendre.",
    ),
    "recipe.why.gpu": Text(
        "On a GPU, training every layer is quick.", "Sur un GPU, entraîner toutes les couches est rapide."
    ),
    "recipe.why.affordable": Text(
        "Training every layer was estimated to take no longer than is reasonable here.",
        "Entraîner toutes les couches devait prendre ici un temps raisonnable.",
    ),
    "recipe.why.too_slow": Text(
        "Training every layer would have taken too long on this machine.",
        "Entraîner toutes les couches aurait pris trop de temps sur cette machine.",
    ),
    "recipe.why.cannot_freeze": Text(
        "Quicker recipes are not for this base model: its layers cannot be trained apart.",
        "Les recettes plus rapides ne vont pas à ce modèle de base : ses couches ne s'entraînent pas séparément.",
    ),
    "recipe.minutes": Text("Estimate for the recipe “full”: {time}.", "Estimation pour la recette « full » : {time}."),
    "recipe.machine": Text(
        "Trained in {precision} on {device} with {processes}.",
        "Entraîné en {precision} sur {device}, avec {processes}.",
    ),
    "time.title": Text("Time", "Durée"),
    "time.caption": Text("Where the time went", "Où le temps est passé"),
    "time.step": Text("Step", "Étape"),
    "time.load": Text("Load and encode", "Charger et encoder"),
    "time.train": Text("Train", "Entraîner"),
    "time.export": Text("Export and evaluate", "Exporter et évaluer"),
    "time.total": Text("In all", "En tout"),
    "cost.title": Text("Cost", "Coût"),
    "cost.total": Text(
        "About {total} for {seconds} on {instances} {type} at {price} an hour each.",
        "Environ {total} pour {seconds} sur {instances} {type} à {price} l'heure chacune.",
    ),
    "cost.total.elsewhere": Text(
        "About {total} for {seconds} at the given price of {price} an hour.",
        "Environ {total} pour {seconds} au prix indiqué de {price} l'heure.",
    ),
    "cost.dated": Text("Price as seen in {month} in eu-west-1.", "Prix relevé en {month} en eu-west-1."),
    "cost.given": Text("Price as given in price_per_hour.", "Prix donné par price_per_hour."),
    "cost.below": Text(
        "An estimate from below: starting the machine and downloading image and data are billed too.",
        "Une estimation par le bas : le démarrage de la machine et le téléchargement de l'image et des données sont "
        "facturés aussi.",
    ),
    "cost.unknown": Text(
        "No price is known for {type}. To have the cost here, set training.price_per_hour in the classifier's settings "
        "(the hyperparameter price_per_hour), in US dollars for one instance.",
        "Aucun prix n'est connu pour {type}. Pour avoir le coût ici, indiquez training.price_per_hour dans les "
        "réglages du classifieur (l'hyperparamètre price_per_hour), en dollars US pour une instance.",
    ),
    "cost.elsewhere": Text(
        "This training did not run on SageMaker, so nothing was billed there. To have a cost all the same, set "
        "training.price_per_hour in the classifier's settings (the hyperparameter price_per_hour), in US dollars.",
        "Cet entraînement n'a pas tourné sur SageMaker : rien n'y a été facturé. Pour avoir un coût quand même, "
        "indiquez training.price_per_hour dans les réglages du classifieur (l'hyperparamètre price_per_hour), en "
        "dollars US.",
    ),
    "model.title": Text("The model that ships", "Le modèle livré"),
    "model.caption": Text("The model", "Le modèle"),
    "model.base": Text("Base model", "Modèle de base"),
    "model.source": Text("Comes from", "Vient de"),
    "source.channel": Text("the channel “pretrained”", "le canal « pretrained »"),
    "source.directory": Text("a directory", "un répertoire"),
    "source.image": Text("the training image", "l'image d'entraînement"),
    "source.hub": Text("the Hugging Face hub", "le hub Hugging Face"),
    "source.scratch": Text("nowhere: trained from scratch", "nulle part : entraîné à partir de zéro"),
    "model.parameters": Text("Parameters", "Paramètres"),
    "model.format": Text("Format", "Format"),
    "model.int8": Text("ONNX, int8 weights", "ONNX, poids int8"),
    "model.none": Text("ONNX, full precision", "ONNX, pleine précision"),
    "model.size": Text("Size", "Taille"),
    "model.agreement": Text("int8 agreement", "Accord int8"),
    "model.agreement.words": Text(
        "{agreement} of the validation texts get the answer they got before it",
        "{agreement} des textes de validation reçoivent la même réponse qu'avant",
    ),
    "settings.caption": Text("Hyperparameters", "Hyperparamètres"),
    "settings.name": Text("Name", "Nom"),
    "settings.value": Text("Value", "Valeur"),
    "versions.caption": Text("Versions", "Versions"),
    "figures": Text(
        "All figures are those of the exported model, the one that answers. Programs read them in metrics.json.",
        "Tous les chiffres sont ceux du modèle exporté, celui qui répond. Les programmes les lisent dans metrics.json.",
    ),
}
