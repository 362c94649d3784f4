"""Metrics beside the maps: for the page in sight, as an order, for all pictures, and as a table."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from traitlets import TraitError

import xcnn_widgets as xw
from xcnn_widgets import metrics

from .parts import names, noise, opened, rows_of, sent_of, show

METHODS = ["grad_cam", "saliency"]
ALL = ["deletion", "insertion", "road", "randomisation"]


def inputs_of(count: int) -> torch.Tensor:
    return torch.stack([torch.from_numpy(one).permute(2, 0, 1) / 255 for one in noise(count)])


def test_the_page_in_sight_is_measured_as_the_metrics_themselves_do(model: nn.Module) -> None:
    with opened(model, noise(3), methods=METHODS, page_size=2, metrics=ALL) as gallery:
        numbers = sent_of(gallery, "_numbers")
        assert {*numbers} == {"0", "1"}
        one = inputs_of(1)
        for name in METHODS:
            found = xw.explain(model, one, name, None, gallery.layer)
            assert not callable(found.target)
            maps, target = found.heatmaps(), list(found.target)
            wanted = {
                "deletion": metrics.deletion(model, one, maps, target).area,
                "insertion": metrics.insertion(model, one, maps, target).area,
                "road": metrics.road(model, one, maps, target).combined,
                "randomisation": metrics.randomisation(model, one, name, target, gallery.layer)
                .rank_correlation[-1]
                .abs(),
            }
            for metric, value in wanted.items():
                assert numbers["0"][metric][name] == pytest.approx(float(value), abs=1e-4)
        show(gallery, page=2)
        assert "2" in sent_of(gallery, "_numbers")


def test_without_metrics_nothing_is_measured(model: nn.Module) -> None:
    with opened(model, noise(2), methods=METHODS) as gallery:
        assert sent_of(gallery, "_numbers") == {}
        assert "deletion grad_cam" not in gallery.to_dataframe()
        with pytest.raises(ValueError, match="metrics is empty; choose some"):
            gallery.trust()
        with pytest.raises(TraitError, match="metrics"):
            gallery.metrics = ["beauty"]


def test_pictures_are_ordered_by_a_metric_of_the_first_column_the_worst_first(
    model: nn.Module,
) -> None:
    with opened(model, noise(5), methods=METHODS, page_size=2, metrics=["insertion"]) as gallery:
        found = [*names(show(gallery, order="insertion"))]
        for page in (2, 3):
            found += names(show(gallery, page=page))
        table = gallery.to_dataframe().set_index("name")
        assert found == list(table["insertion grad_cam"].sort_values().index)
        show(gallery, order="deletion")
        assert len(rows_of(gallery)) == 2


def test_all_pictures_together_have_means_intervals_and_a_sentence(model: nn.Module) -> None:
    with opened(model, noise(12), methods=METHODS, page_size=4, metrics=["deletion"]) as gallery:
        found = gallery.trust()
        table = gallery.to_dataframe()
        assert found.values.shape == (2, 1, 12)
        np.testing.assert_allclose(found.values[1, 0], table["deletion saliency"])
        told = sent_of(gallery, "_trust")
        assert (told["methods"], told["pictures"], told["left_out"]) == (
            ["Grad-CAM", "Saliency"],
            12,
            0,
        )
        mean, low, high = told["intervals"][0][0]
        assert mean == pytest.approx(table["deletion grad_cam"].mean())
        assert low <= mean <= high
        assert told["sentences"] == found.sentences()
        # Other maps were not measured.
        show(gallery, layer=gallery.offer.first_layer, target=1)
        assert sent_of(gallery, "_trust") is None


def test_what_cannot_be_measured_is_left_out_and_told(model: nn.Module) -> None:
    def twice(net: nn.Module, inputs: torch.Tensor, target: Any, layer: Any) -> torch.Tensor:
        if any(
            torch.equal(w, v) for w, v in zip(net.parameters(), model.parameters(), strict=True)
        ):
            return inputs.detach().sum(dim=1)
        raise RuntimeError("only the trained network")

    mine = xw.method("twice", "Twice", twice, "perturbation")
    with opened(model, noise(2), methods=[mine], metrics=["randomisation"]) as gallery:
        assert sent_of(gallery, "_numbers")["0"] == {"randomisation": {"twice": None}}
        found = gallery.trust()
        assert found.values.shape[2] == 0
        told = sent_of(gallery, "_trust")
        assert (told["pictures"], told["left_out"], told["sentences"]) == (0, 2, [])
        assert rows_of(gallery)[0]["error"] == ""
        assert "only the trained network" in gallery.note


def test_measuring_all_is_cancelled_and_what_is_there_stays(model: nn.Module) -> None:
    with opened(model, noise(4), methods=METHODS, page_size=1, metrics=["deletion"]) as gallery:

        def cancel(change: Any) -> None:
            if change.new:
                gallery.set_state({"_cancel": 1})

        gallery.observe(cancel, "progress")
        gallery.set_state({"_trust_wanted": 1})
        gallery.wait(60)
        assert sent_of(gallery, "_trust") is None
        assert "0" in sent_of(gallery, "_numbers")
        assert gallery.status.startswith("Cancelled")


def test_a_page_keeps_what_was_measured_of_each_map(model: nn.Module, tmp_path: Path) -> None:
    with opened(model, noise(3), methods=METHODS, page_size=2) as gallery:
        gallery.precompute(methods=METHODS, layers=[gallery.layer or ""], images=[0, 2], trust=True)
        saved = sent_of(gallery, "_atlas")["maps"]
        assert len(saved) == 4
        assert all({*each["metrics"]} == {*ALL} for each in saved)
        maps = {(each["image_index"], each["method"]): each["metrics"] for each in saved}
        gallery.metrics = ["insertion"]
        gallery.trust()
        table = gallery.to_dataframe()
        assert table["insertion saliency"][2] == maps[2, "saliency"]["insertion"]
        gallery.to_html(tmp_path / "page.html")
    # Without trust=True only what is known is kept.
    with opened(model, noise(1), methods=METHODS) as gallery:
        gallery.precompute()
        assert all("metrics" not in each for each in sent_of(gallery, "_atlas")["maps"])


def test_of_several_models_the_first_one_s_maps_are_measured(model: nn.Module) -> None:
    models = {"before": model, "after": deepcopy(model)}
    with opened(models, noise(2), methods=["grad_cam"], metrics=["deletion"]) as gallery:
        numbers = sent_of(gallery, "_numbers")
        assert {*numbers["0"]["deletion"]} == {"grad_cam"}
        assert len(rows_of(gallery)[0]["maps"]) == 2
        assert gallery.trust().rows == ("Grad-CAM",)
