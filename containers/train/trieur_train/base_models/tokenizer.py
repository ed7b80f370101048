"""The tokenizer that belongs to a base model's files."""

from importlib.util import find_spec
from pathlib import Path

from tokenizers import Tokenizer

from trieur_train.base_models.reasons import reason
from trieur_train.failure import TrainingFailed

SAVED = "tokenizer.json"
# A vocabulary is often a little smaller than the table of its vectors, whose size is rounded up, but not this much.
LEAST_SHARE_OF_VECTORS = 0.5


def read_tokenizer(directory: Path) -> Tokenizer:
    """The tokenizer in `directory`, from tokenizer.json or else from the files that transformers can convert.

    It neither cuts nor pads, whatever the file says. Raises TrainingFailed when there is none that can be read.
    """
    try:
        # transformers would build it anew from the class that the settings name, and some base models (those with the
        # pieces of BERT in the class of RoBERTa) then cut words to letters. The file is what they were pretrained with.
        path = directory / SAVED
        tokenizer = Tokenizer.from_file(str(path)) if path.is_file() else _converted(directory)
    except TrainingFailed:
        raise
    except Exception as error:
        raise TrainingFailed(f"The base model's tokenizer cannot be read ({reason(error)}).") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def check_vocabulary(tokenizer: Tokenizer, vectors: int) -> None:
    """Raise TrainingFailed unless `tokenizer` can be the one of a model with `vectors` word vectors."""
    known = max(tokenizer.get_vocab().values(), default=-1) + 1
    if known > vectors or known < LEAST_SHARE_OF_VECTORS * vectors:
        raise TrainingFailed(
            f"The base model's tokenizer knows {known} tokens, its weights {vectors}: they do not belong together."
        )


def _converted(directory: Path) -> Tokenizer:
    from transformers import AutoTokenizer

    sentencepiece = sorted(directory.glob("*.model"))
    if sentencepiece and find_spec("sentencepiece") is None:
        raise TrainingFailed(
            f"The base model's tokenizer is a SentencePiece model ({sentencepiece[0].name}) without {SAVED}, which "
            "cannot be read here: bring the folder that save_pretrained of transformers' AutoTokenizer writes where "
            "sentencepiece is installed."
        )
    tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True, trust_remote_code=False)
    return Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
