import pytest
from trieur_train.learning.recipes import Recipe, Work, choose_recipe

from tests.unit.train.toy import CPU

CAMEMBERT_BASE = 85_000_000


def choose(asked: str = "auto", *, texts: int = 270, pretrained: bool = True) -> Recipe:
    work = Work(CAMEMBERT_BASE, tokens=texts * 15, epochs=50)
    return choose_recipe(asked, pretrained=pretrained, work=work, device=CPU, cores=2)


def test_a_few_hundred_questions_are_fine_tuned_in_full() -> None:
    recipe = choose()
    assert (recipe.asked, recipe.chosen, recipe.why["code"]) == ("auto", "full", "affordable")
    assert "minutes on 2 cores" in recipe.sentence


def test_more_texts_take_quicker_recipes() -> None:
    chosen = [choose(texts=texts) for texts in (270, 5_000, 100_000)]
    assert [recipe.chosen for recipe in chosen] == ["full", "fast", "head"]
    assert [recipe.why["code"] for recipe in chosen[1:]] == ["too_slow", "too_slow"]
    assert chosen[1].why["minutes"] > chosen[1].why["limit"]


@pytest.mark.parametrize("asked", ["full", "fast", "head"])
def test_what_was_asked_for_is_done(asked: str) -> None:
    recipe = choose(asked, texts=100_000)
    assert (recipe.chosen, recipe.why) == (asked, {"code": "asked"})


@pytest.mark.parametrize("asked", ["auto", "full", "fast", "head"])
def test_a_network_from_scratch_learns_all_of_it(asked: str) -> None:
    recipe = choose(asked, pretrained=False)
    assert (recipe.asked, recipe.chosen, recipe.why) == (asked, "full", {"code": "scratch"})


def test_fewer_epochs_than_usual_take_less_time() -> None:
    few, many = (Work(CAMEMBERT_BASE, 4_000, epochs).minutes(CPU, 2) for epochs in (5, 50))
    assert few == pytest.approx(many / 4)
