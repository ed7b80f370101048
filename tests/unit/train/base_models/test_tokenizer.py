import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from trieur_train.base_models.tokenizer import check_vocabulary, read_tokenizer
from trieur_train.failure import TrainingFailed

from tests.unit.train.tiny_base_models import KINDS, write_base_model

TEXT = "Bonjour, quelle heure est-il ?"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_it_cuts_texts_as_the_file_says(tmp_path: Path, kind: str) -> None:
    written = Tokenizer.from_file(str(write_base_model(tmp_path, kind) / "tokenizer.json"))
    assert read_tokenizer(tmp_path).encode(TEXT).tokens == written.encode(TEXT).tokens


@pytest.mark.parametrize("named", ["RobertaTokenizerFast", "BertTokenizerFast", "DebertaV2TokenizerFast", "Unheard"])
def test_the_class_that_the_settings_name_does_not_change_it(tmp_path: Path, named: str) -> None:
    settings = write_base_model(tmp_path, "bert") / "tokenizer_config.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"tokenizer_class": named}))
    written = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert read_tokenizer(tmp_path).encode(TEXT).tokens == written.encode(TEXT).tokens


def test_it_neither_cuts_nor_pads_of_itself(tmp_path: Path) -> None:
    path = str(write_base_model(tmp_path, "bert") / "tokenizer.json")
    written = Tokenizer.from_file(path)
    expected = [encoding.ids for encoding in written.encode_batch([TEXT, "oui"])]
    written.enable_truncation(4)
    written.enable_padding(length=128)
    written.save(path)
    assert [encoding.ids for encoding in read_tokenizer(tmp_path).encode_batch([TEXT, "oui"])] == expected


def test_a_list_of_words_is_converted(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nbon\n##jour\n")
    assert read_tokenizer(tmp_path).encode("Bonjour").tokens == ["[CLS]", "bon", "##jour", "[SEP]"]


@pytest.mark.skipif(find_spec("sentencepiece") is not None, reason="it is read where sentencepiece is installed")
def test_a_sentencepiece_model_alone_is_refused_and_how_to_convert_it_is_said(tmp_path: Path) -> None:
    (write_base_model(tmp_path, "camembert") / "tokenizer.json").unlink()
    (tmp_path / "sentencepiece.bpe.model").write_bytes(b"pieces")
    with pytest.raises(TrainingFailed, match=r"\(sentencepiece\.bpe\.model\) without tokenizer\.json.*save_pretrained"):
        read_tokenizer(tmp_path)


def test_a_tokenizer_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(TrainingFailed, match="tokenizer cannot be read"):
        read_tokenizer(tmp_path)


@pytest.mark.parametrize("vectors", [6, 15])
def test_a_vocabulary_and_vectors_that_differ_much_do_not_belong_together(tmp_path: Path, vectors: int) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nbon\n##jour\n")
    tokenizer = read_tokenizer(tmp_path)
    for fitting in (7, 8, 14):
        check_vocabulary(tokenizer, fitting)
    with pytest.raises(TrainingFailed, match=f"knows 7 tokens, its weights {vectors}: they do not belong together"):
        check_vocabulary(tokenizer, vectors)
