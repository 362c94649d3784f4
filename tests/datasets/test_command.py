"""The command line explains a folder, goes on, and says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from xcnn_widgets import Results
from xcnn_widgets.command import main
from xcnn_widgets.datasets import command

MODEL = ["--model", "tests.datasets.conftest:colour_net"]
USUAL = ["--transform", "tests.datasets.conftest:to_tensor", "--quiet", "--workers", "0"]


def test_a_folder_is_explained_and_what_is_broken_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to, names = tmp_path / "results", tmp_path / "names.txt"
    names.write_text("red\ngreen\nblue\n")
    asked = ["explain", *MODEL, "--images", str(folder), "--to", str(to), *USUAL]
    asked += ["--class-names", str(names), "--methods", "grad_cam", "saliency", "--logits"]
    assert main(asked) == 0
    told = capsys.readouterr()
    assert told.out == f"{to}: 13 pictures, 1 with an error\n"
    assert told.err.startswith("note: red/broken.png: ")
    results = Results(to)
    assert results.question.methods == ("grad_cam", "saliency")
    assert results.row("blue/1.png")["prediction"] == "blue"
    assert main(asked) == 0
    assert main([*asked, "--no-resume"]) == 1
    assert "resume=True" in capsys.readouterr().err
    assert main([*asked, "--target", "2"]) == 1
    assert "another question" in capsys.readouterr().err
    assert main([*asked, "--target", "2", "--overwrite"]) == 0


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("resnet18", "--model is 'resnet18'; expected MODULE:NAME"),
        ("no_such_module:net", "No module named 'no_such_module'"),
        ("tests.datasets.conftest:nothing", "has no attribute 'nothing'"),
        ("tests.datasets.conftest:NAMES", "expected"),
    ],
)
def test_a_model_that_is_none_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], model: str, message: str
) -> None:
    asked = ["explain", "--model", model, "--images", str(folder), "--to", str(tmp_path / "out")]
    assert main(asked) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert not (tmp_path / "out").exists()


def test_an_interrupt_says_how_to_go_on(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "explain_dataset", interrupted)
    asked = ["explain", *MODEL, "--images", str(folder), "--to", str(tmp_path / "out")]
    assert main(asked) == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["explain", "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "python -m xcnn_widgets explain --model" in told
    assert "--methods" in told
