"""The demo network and its photos: the weights load and mean what they meant."""

from __future__ import annotations

import pytest
import torch

import xcnn_widgets as xw


def test_the_demo_network_names_its_photos() -> None:
    net, photos = xw.demo.load(), xw.demo.photos()
    inputs = torch.stack([net.transform(photos[name]) for name in ("coffee", "camera")])
    forward = xw.ForwardPass(net.model, inputs, ["bn2"])
    shares, classes = forward.logits.softmax(1).max(1)
    assert [net.class_names[i] for i in classes] == ["espresso", "tripod"]
    assert shares.tolist() == pytest.approx([0.95, 0.94], abs=0.02)
    assert xw.explain_pass(forward, "guided_grad_cam", layer="bn2").note == ""
