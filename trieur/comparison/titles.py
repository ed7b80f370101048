"""The headings that every form of output shares."""

from typing import Final

from trieur.comparison.comparison import Comparison
from trieur.costs.wording import Text

MEASURED: Final = Text("Measured", "Mesures")
MATRIX: Final = Text("Decision matrix", "Matrice de décision")
RULES: Final = Text("How notes are given", "Comment les notes sont données")
CAVEATS: Final = Text("Mind", "Attention")
CRITERION: Final = Text("criterion", "critère")
COEFFICIENT: Final = Text("coefficient", "coefficient")
SUM: Final = Text("weighted sum", "somme pondérée")


def title(comparison: Comparison | None) -> Text:
    """Of the whole."""
    if comparison is None:
        return Text("Comprehend or CamemBERT", "Comprehend ou CamemBERT")
    return Text(
        f"{comparison.classifier}: Comprehend or CamemBERT", f"{comparison.classifier} : Comprehend ou CamemBERT"
    )
