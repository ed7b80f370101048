from typing import Any

import pytest

from localcloud import LocalCloudError, __main__


@pytest.mark.parametrize(("said", "seconds"), [([], None), (["--spot-interruption-seconds", "2.5"], 2.5)])
def test_a_spot_interruption_is_handed_on(
    monkeypatch: pytest.MonkeyPatch, said: list[str], seconds: float | None
) -> None:
    given: dict[str, Any] = {}

    def refuse(*_: object, **choices: Any) -> None:
        given.update(choices)
        raise LocalCloudError("There is none.")

    monkeypatch.setattr(__main__, "LocalCloud", refuse)
    monkeypatch.setattr(__main__.signal, "signal", lambda *_: None)

    assert __main__.main(["up", *said]) == 1
    assert given["spot_interruption"] == seconds


@pytest.mark.parametrize("seconds", ["-1", "soon", "nan", "inf"])
def test_a_spot_interruption_comes_after_some_seconds(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        __main__.main(["up", f"--spot-interruption-seconds={seconds}"])

    assert f"--spot-interruption-seconds: '{seconds}' is not a number of seconds" in capsys.readouterr().err
