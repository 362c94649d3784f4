"""What people read follows from the model and the names: probabilities, labels, or values as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets import CNNExplainer, explain, similarity
from xcnn_widgets.study import Choice, Exploration, Selection, Work, number
from xcnn_widgets.study.asking import Ask
from xcnn_widgets.study.order import passing
from xcnn_widgets.study.results import table


class Fixed(nn.Module):
    """Gives the same scores whatever it sees, through a last step of its own."""

    def __init__(self, scores: list[float], last: nn.Module | None = None) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, len(scores))
        self.last = last or nn.Identity()
        with torch.no_grad():
            self.head.weight.zero_()
            self.head.bias.copy_(torch.tensor(scores))

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.head(self.conv(x).relu().mean((2, 3))))


def told(model: nn.Module, names: Any = None, **options: Any) -> dict[str, float]:
    pictures = np.full((2, 12, 17, 3), 100, np.uint8)
    exploration = Exploration(model, list(pictures), names, **options)
    return {each.name: round(each.value, 3) for each in exploration.predictions(0)}


def reading(model: nn.Module, names: Any = None, **options: Any) -> tuple[str, bool]:
    exploration = Exploration(model, np.zeros((12, 17, 3), np.uint8), names, **options)
    found = exploration.answers_on(0).reading
    return found.activation, found.has_winner


def test_several_scores_are_read_as_one_choice() -> None:
    model = Fixed([2.0, 1.0, 0.1])
    assert told(model, ["a", "b", "c"]) == {"a": 0.659, "b": 0.242, "c": 0.099}
    assert reading(model) == ("softmax", True)


def test_scores_that_look_like_probabilities_are_scores_still() -> None:
    assert told(Fixed([0.7, 0.2, 0.1]), ["a", "b", "c"])["a"] == pytest.approx(0.464, abs=1e-3)


def test_probabilities_of_the_model_are_told_as_they_are() -> None:
    model = Fixed([2.0, 1.0, 0.1], nn.Softmax(1))
    assert told(model, ["a", "b", "c"])["a"] == 0.659
    assert told(Fixed([2.0, 1.0, 0.1], nn.LogSoftmax(1)), ["a", "b", "c"])["a"] == 0.659


def test_labels_that_hold_each_by_itself_have_no_winner() -> None:
    for last, options in ((nn.Sigmoid(), {}), (None, {"activation": "sigmoid"})):
        model = Fixed([3.0, 2.0, -3.0], last)
        assert told(model, list("abc"), **options) == {"a": 0.953, "b": 0.881, "c": 0.047}
        assert reading(model, list("abc"), **options) == ("sigmoid", False)


@pytest.mark.parametrize(("score", "likely"), [(-2.0, 0.119), (0.01, 0.502), (0.9, 0.711)])
def test_one_score_with_two_names_is_two_classes(score: float, likely: float) -> None:
    model = Fixed([score])
    assert told(model, ["no", "yes"]) == {"no": round(1 - likely, 3), "yes": likely}
    assert reading(model, ["no", "yes"]) == ("sigmoid", True)
    exploration = Exploration(model, np.zeros((12, 17, 3), np.uint8), {0: "no", 1: "yes"})
    choice = Choice(0, "saliency", None, None, 1, 1)
    said = exploration.explained(choice, exploration.explain(choice))
    assert said.name == ("yes" if score > 0 else "no")


def test_one_probability_with_two_names_leaves_the_rest_to_the_first() -> None:
    assert told(Fixed([2.0], nn.Sigmoid()), ["no", "yes"]) == {"yes": 0.881, "no": 0.119}


def test_one_score_without_names_is_a_value() -> None:
    assert told(Fixed([57.3])) == {"score": 57.3}
    assert told(Fixed([0.5])) == {"score": 0.5}
    assert reading(Fixed([0.5])) == ("none", False)
    assert told(Fixed([57.3]), ["age"], activation="none") == {"age": 57.3}


def test_a_regression_of_several_values_is_told_as_they_are() -> None:
    model = Fixed([57.3, -1.5])
    assert told(model, ["age", "size"], activation="none") == {"age": 57.3, "size": -1.5}
    assert reading(model, activation="none") == ("none", False)


@pytest.mark.parametrize(
    ("model", "names", "activation", "way_out"),
    [
        (Fixed([1.0, 2.0]), None, "logits", "expected 'softmax', 'sigmoid', 'none'"),
        (Fixed([1.0, 2.0], nn.Softmax(1)), None, "sigmoid", "ends in a softmax already"),
        (Fixed([1.0, 2.0], nn.Sigmoid()), None, "softmax", "ends in a sigmoid already"),
        (Fixed([1.0]), None, "softmax", "give two class_names"),
    ],
)
def test_an_activation_that_cannot_be_names_the_way_out(
    model: nn.Module, names: Any, activation: Any, way_out: str
) -> None:
    with pytest.raises(ValueError, match=way_out) as caught:
        told(model, names, activation=activation)
    assert "activation" in str(caught.value)


def test_who_holds_the_model_can_say_how_its_scores_are_read() -> None:
    holder = CNNExplainer(Fixed([3.0, 2.0]), {0: "a", 1: "b"}, activation="sigmoid")
    assert told(holder) == {"a": 0.953, "b": 0.881}  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="activation is 'softplus'"):
        CNNExplainer(Fixed([3.0, 2.0]), {0: "a", 1: "b"}, activation="softplus")  # type: ignore[arg-type]


def test_the_kind_of_problem_of_a_config_is_heeded() -> None:
    model = Fixed([3.0, 2.0])
    model.config = type("Config", (), {"problem_type": "multi_label_classification"})()
    assert told(model, ["a", "b"]) == {"a": 0.953, "b": 0.881}


def test_a_table_tells_labels_and_values_by_their_names() -> None:
    pictures = list(np.full((2, 12, 17, 3), 100, np.uint8))

    def found(model: nn.Module, **options: Any) -> Any:
        work = Work(Exploration(model, pictures, ["a", "b"], **options), labels=["b", "b"])
        work.open()
        list(work.predict(range(2)))
        return work, table(work, Ask(("grad_cam",), None, "predicted"))

    work, labels = found(Fixed([3.0, 2.0], nn.Sigmoid()))
    assert labels["labels"].tolist() == [["a", "b"]] * 2
    assert labels["prediction"].tolist() == ["a", "a"]
    assert [verdict.right for verdict in work.findings.verdicts.values()] == [True, True]
    _, values = found(Fixed([3.0, 2.0]), activation="none")
    assert values.columns.tolist() == ["name", "label", "prediction", "value", "disagreement"]
    assert values["value"].tolist() == [3.0, 3.0]


def test_targets_stand_behind_the_classes_with_their_scores() -> None:
    model = Fixed([3.0, 2.0])
    targets = {"a, not b": lambda out: out[:, 0] - out[:, 1]}
    exploration = Exploration(model, np.zeros((12, 17, 3), np.uint8), ["a", "b"], targets=targets)
    assert [each.name for each in exploration.predictions(0)] == ["a", "b", "a, not b"]
    last = exploration.predictions(0)[-1]
    assert (last.index, last.value, last.is_probability) == (2, 1.0, False)
    assert exploration.class_index("a, not b", 0) == 2
    choice = Choice(0, "saliency", None, 2, 1, 1)
    assert exploration.explained(choice, exploration.explain(choice)) == last


def test_what_a_model_takes_beside_a_picture_may_hang_on_its_index() -> None:
    class Scaled(Fixed):
        def forward(self, x: Tensor, scale: Tensor) -> Tensor:  # type: ignore[override]
            return super().forward(x) * scale[:, None]

    exploration = Exploration(
        Scaled([3.0, 2.0]),
        list(np.zeros((3, 12, 17, 3), np.uint8)),
        activation="none",
        additional_forward_args=lambda index: torch.tensor([1.0 + index]),
    )
    assert [exploration.predictions(index)[0].value for index in range(3)] == [3.0, 6.0, 9.0]
    work = Work(exploration)
    work.open()
    list(work.predict(range(3)))
    assert [verdict.value for verdict in work.findings.verdicts.values()] == [3.0, 6.0, 9.0]


def test_a_picture_passes_the_filter_of_each_label_that_holds() -> None:
    pictures = list(np.full((2, 12, 17, 3), 100, np.uint8))
    work = Work(Exploration(Fixed([3.0, 2.0, -3.0], nn.Sigmoid()), pictures, list("abc")))
    work.open()
    list(work.predict(range(2)))
    known = work.findings.known(Ask(("grad_cam",), None, "predicted"))
    found = [passing([0, 1], Selection(show_class=label), known) for label in range(3)]
    assert found == [[0, 1], [0, 1], []]


def test_a_reference_may_be_a_picture_that_the_model_is_asked_for() -> None:
    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 5, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.conv(x).relu().mean((2, 3))

    torch.manual_seed(0)
    model, random = Encoder(), np.random.default_rng(0)
    pictures = [random.integers(0, 255, (12, 17, 3), dtype=np.uint8) for _ in range(2)]

    def to_input(picture: Any) -> Tensor:
        return torch.tensor(np.array(picture)).permute(2, 0, 1) / 255

    exploration = Exploration(
        model, pictures, transform=to_input, targets={"like the first": similarity(pictures[0])}
    )
    first, second = (exploration.predictions(index)[-1] for index in range(2))
    assert (first.name, first.is_probability) == ("like the first", False)
    assert first.value == pytest.approx(1)
    embeddings = model(torch.stack([*map(to_input, pictures)])).detach()
    alike = float(torch.cosine_similarity(embeddings[:1], embeddings[1:]))
    assert second.value == pytest.approx(alike, abs=1e-6)
    with pytest.raises(TypeError, match="here give the embedding"):
        explain(model, to_input(pictures[0])[None], target=similarity(pictures[1]))


def test_a_model_whose_gradient_is_cut_offers_what_needs_none() -> None:
    class Rounded(Fixed):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x).detach() * 2

    exploration = Exploration(Rounded([1.0, 2.0]), np.zeros((12, 17, 3), np.uint8))
    assert [method.name for method in exploration.methods(0)] == ["occlusion"]
    assert exploration.answers_on(0).reading.activation == "none"


def test_a_scripted_model_offers_what_needs_no_relu() -> None:
    scripted = torch.jit.script(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten()))
    exploration = Exploration(scripted, torch.rand(1, 3, 8, 9))
    names = [method.name for method in exploration.methods(0)]
    assert names[0] == "saliency"
    assert not {"guided_backprop", "deconvnet"} & {*names}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (57.3, "57.3"), (-1.5, "-1.50"), (3.0, "3.00"), (0.6931, "0.693"), (100.2, "100"),
        (1234.5, "1,234"), (0.000123, "1.23e-4"), (-2.5e7, "-2.50e+7"),
    ],
)  # fmt: skip
def test_values_are_written_as_the_browser_writes_them(value: float, text: str) -> None:
    assert number(value) == text
