"""Why this class rather than that, and how alike two embeddings are: by hand and against autograd."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity
from transformers import ViTConfig, ViTModel

import xcnn_widgets as xw

from ..models.segmenters import Answering

X = torch.tensor([[[[2.0, -1, 0.5], [-3, 3, 4]]], [[[-1.0, -1, 2], [2, 2, 2]]]])
SCORES = torch.tensor([[1.0] * 6, [-1.0] * 6, [0.0, 1, 2, 3, 4, 5]])


@pytest.fixture
def net() -> nn.Module:
    """a = relu(x); the scores are sum(a), -sum(a) and the sum of a times its number."""
    head = nn.Linear(6, 3, bias=False)
    with torch.no_grad():
        head.weight.copy_(SCORES)
    first = nn.Conv2d(1, 1, 1, bias=False)
    nn.init.ones_(first.weight)
    return nn.Sequential(first, nn.ReLU(), nn.Flatten(), head)


def assert_values(found: Tensor, expected: Any) -> None:
    torch.testing.assert_close(found, torch.as_tensor(expected, dtype=torch.float32))


def test_a_contrast_worked_out_by_hand(net: nn.Module) -> None:
    # a[0] = [2, 0, 0.5, 0, 3, 4]: sum 9.5, numbered sum 1 + 12 + 20 = 33. a[1] = [0, 0, 2, 2, 2, 2]:
    # sum 8, numbered 4 + 6 + 8 + 10 = 28.
    forward = xw.ForwardPass(net, X, ["1"])
    assert_values(forward.scores(xw.contrast(2, 0)), [23.5, 20])
    assert_values(forward.scores(xw.contrast(2, 0, weight=2)), [14, 12])
    # Its gradient at a is 0 1 2 3 4 5 less one: -1 0 1 2 3 4, where x > 0.
    found = xw.explain(net, X, "saliency", xw.contrast(2, 0)).values[:, 0]
    assert_values(found, [[[-1, 0, 1], [0, 3, 4]], [[0, 0, 1], [2, 3, 4]]])
    # Its mean is 1.5.
    found = xw.explain(net, X, "grad_cam", xw.contrast(2, 0), "1").values
    assert_values(found, [[[3, 0, 0.75], [0, 4.5, 6]], [[0, 0, 3], [3, 3, 3]]])
    found = xw.explain(net, X, "occlusion", xw.contrast(2, 0), patch=1, stride=1).values
    assert_values(found, [[[-2, 0, 0.5], [0, 9, 16]], [[0, 0, 2], [4, 6, 8]]])


def test_a_contrast_reads_the_output_that_is_chosen(net: nn.Module) -> None:
    model = Answering(net, lambda scores: {"a": scores * 0, "b": scores})
    found = xw.explain(model, X, "saliency", xw.contrast(2, 0), output="b").values
    assert torch.equal(found, xw.explain(net, X, "saliency", xw.contrast(2, 0)).values)


def test_without_weight_a_contrast_is_the_class(net: nn.Module) -> None:
    found = xw.explain(net, X, "saliency", xw.contrast(2, 0, weight=0)).values
    assert torch.equal(found, xw.explain(net, X, "saliency", 2).values)


def test_a_contrast_that_does_not_fit_is_refused(net: nn.Module) -> None:
    with pytest.raises(ValueError, match="both 1; expected two classes"):
        xw.contrast(1, 1)
    with pytest.raises(ValueError, match="weight is nan"):
        xw.contrast(1, 2, float("nan"))
    with pytest.raises(ValueError, match="target 3 is out of range: the model has 3 classes"):
        xw.explain(net, X, "saliency", xw.contrast(0, 3))
    with pytest.raises(TypeError, match="target 'cat' is a str"):
        xw.explain(net, X, "saliency", xw.contrast(0, "cat"))  # type: ignore[arg-type]


def by_autograd(net: nn.Module, reference: Tensor) -> Tensor:
    leaf = X.clone().requires_grad_()
    embedding = net(leaf)
    lengths = embedding.norm(dim=1) * reference.norm(dim=1)
    ((embedding * reference).sum(dim=1) / lengths).sum().backward()
    assert leaf.grad is not None
    return leaf.grad


REFERENCES = {
    "one for all": torch.tensor([1.0, 2, -1]),
    "one for each": torch.tensor([[1.0, 2, -1], [0, 3, 1]]),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_similarity_is_the_cosine(net: nn.Module, name: str) -> None:
    reference = REFERENCES[name]
    target = xw.similarity(reference)
    rows = reference.expand(2, 3)
    expected = cosine_similarity(net(X), rows).detach()
    torch.testing.assert_close(xw.ForwardPass(net, X).scores(target), expected)
    found = xw.explain(net, X, "saliency", target).values
    assert found.abs().max() > 0
    torch.testing.assert_close(found, by_autograd(net, rows))
    found = xw.explain(net, X, "occlusion", target, patch=1, stride=1).values
    covered = X.clone()
    covered[:, :, 1, 2] = 0
    torch.testing.assert_close(found[:, 1, 2], expected - cosine_similarity(net(covered), rows))


def test_what_is_compared_with_itself_is_alike(net: nn.Module) -> None:
    own = net(X).detach()
    target = xw.similarity(5 * own.numpy())
    torch.testing.assert_close(xw.ForwardPass(net, X).scores(target), torch.ones(2))
    # At its largest the cosine changes in no direction.
    assert xw.explain(net, X, "saliency", target).values.abs().max() < 1e-6


def test_embeddings_are_found_by_their_names(net: nn.Module) -> None:
    reference = torch.tensor([1.0, 2, -1])
    expected = xw.explain(net, X, "saliency", xw.similarity(reference)).values
    forms: list[tuple[Any, Any]] = [
        (lambda e: SimpleNamespace(image_embeds=e, text_embeds=e * 0), None),
        (lambda e: {"last_hidden_state": e[:, None] * 0, "pooler_output": e}, None),
        (lambda e: {"x": e * 0, "embeddings": e}, None),
        (lambda e: (e * 0, e), 1),
    ]
    for form, output in forms:
        model = Answering(net, form)
        asked = xw.explain(model, X, "saliency", xw.similarity(reference), output=output)
        assert torch.equal(asked.values, expected)
    unclear = Answering(net, lambda e: {"a": e, "b": e})
    with pytest.raises(ValueError, match=r"several tensors .*'image_embeds'.*output="):
        xw.explain(unclear, X, "saliency", xw.similarity(reference))


def test_an_encoder_of_transformers_needs_nothing_said() -> None:
    # It has a class token, and one dropout for many places.
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "image_size": (64, 96)}
    encoder = ViTModel(ViTConfig(num_hidden_layers=3, num_attention_heads=2, **sizes)).eval()
    picture = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        other = encoder(torch.randn(1, 3, 64, 96)).pooler_output
        expected = cosine_similarity(encoder(picture).pooler_output, other)
    target = xw.similarity(other)
    found = xw.explain(encoder, picture, "grad_cam", target)
    assert found.values.shape == (1, 4, 6)
    assert found.layer == xw.default_layer(encoder, picture, target=target)
    torch.testing.assert_close(xw.ForwardPass(encoder, picture).scores(target), expected)


def test_an_embedding_that_does_not_fit_is_refused(net: nn.Module) -> None:
    with pytest.raises(ValueError, match=r"given has 4 numbers, .* shape \(2, 3\); expected"):
        xw.explain(net, X, "saliency", xw.similarity(torch.ones(4)))
    with pytest.raises(ValueError, match="3 embeddings for 2 samples"):
        xw.explain(net, X, "saliency", xw.similarity(torch.ones(3, 3)))
    with pytest.raises(ValueError, match="no direction"):
        xw.similarity(torch.zeros(3))
    with pytest.raises(TypeError, match=r"torch\.int64; expected floating"):
        xw.similarity(np.array([1, 2, 3]))
    with pytest.raises(ValueError, match=r"shape \(1, 2, 3\)"):
        xw.similarity(torch.ones(1, 2, 3))
