"""What becomes of some pictures: a row for each, whatever happens to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..study import Ask, TileMap, Work, measure, metric_column, numbers_of
from .feeding import Item
from .question import Question
from .schema import TOP

Row = dict[str, Any]


class Answering:
    """Answers one question about pictures that were read, a few at a time; remembers nothing of them.

    Parameters
    ----------
    work
        The model with the pictures; it is opened.
    question
        What is asked.
    keys
        From a picture's index to its key.
    """

    def __init__(self, work: Work, question: Question, keys: Callable[[int], str]) -> None:
        self._work, self._question, self._keys = work, question, keys
        self._ask = Ask(question.methods, question.layer, question.target)
        self._heard = _Heard(keeps_maps=question.maps == "float16")
        work.findings.keeper = self._heard

    def rows(self, items: Sequence[Item]) -> list[Row]:
        """The rows of pictures, in their order."""
        work, ask = self._work, self._ask
        work.begin_anew()
        readable = [item for item in items if item.prepared is not None]
        for item in readable:
            assert item.prepared is not None
            work.exploration.hand_over(item.index, item.prepared)
            work.labels.hear(item.index, item.label)
        indices = [item.index for item in readable]
        found: dict[int, Any] = {}
        for answers in work.explain(indices, ask):
            found |= answers
        explained = [index for index, answer in found.items() if answer is not None]
        if self._question.metrics:
            for _ in measure(work, explained, ask, self._question.metrics, _never):
                pass
        return [self._row(item, found.get(item.index)) for item in items]

    def _row(self, item: Item, answer: Any) -> Row:
        row = self._described(item)
        if item.prepared is None:
            return row | {"error": item.error}
        row |= self._judged(item.index)
        if answer is None:
            why = self._work.findings.failure(item.index, self._ask)
            return row | {"error": why or "it could not be explained"}
        index, answers = item.index, self._work.exploration.answers
        row |= {"explained": answers.name(answer.target), "explained_index": answer.target}
        row["disagreement"] = self._work.findings.disagreements(self._ask).get(index)
        for method, tile in answer.tiles.items():
            row |= self._map(index, method, tile)
        for metric, values in numbers_of(
            self._work, index, self._ask, self._question.metrics
        ).items():
            row |= {metric_column(metric, method): value for method, value in values.items()}
        return row

    def _described(self, item: Item) -> Row:
        pictures = self._work.exploration.pictures
        row: Row = {
            "index": item.index,
            "key": self._keys(item.index),
            "source": pictures.path(item.index) or str(item.index),
            "name": pictures.name(item.index),
            "thumbnail": item.thumbnail,
            "note": "",
            "error": "",
        }
        if item.prepared is None:
            return row
        label = self._work.labels.of(item.index)
        is_class = isinstance(label, int)
        told = self._work.exploration.answers.name(label) if isinstance(label, int) else label
        return row | {
            "label": told,
            "label_index": label if is_class else None,
            "size": list(item.prepared.size),
            "note": item.prepared.note,
        }

    def _judged(self, index: int) -> Row:
        verdict = self._work.findings.verdicts.get(index)
        if verdict is None:
            return {}
        answers = self._work.exploration.answers
        scores, values = self._heard.said[index]
        top = answers.top(values[: answers.class_count], TOP)
        row: Row = {
            "prediction": answers.name(verdict.index),
            "prediction_index": verdict.index,
            self._question.said: verdict.value,
            "right": verdict.right,
            "top_names": [each.name for each in top],
            "top_indices": [each.index for each in top],
            "top_values": [each.value for each in top],
        }
        if self._question.logits:
            row["logits"] = scores.tolist()
        return row

    def _map(self, index: int, method: str, tile: TileMap) -> Row:
        data = tile.data
        if self._question.maps == "float16":
            data = self._heard.maps[index, method].tobytes()
        return {
            f"{method}_map": data,
            f"{method}_shape": list(tile.shape),
            f"{method}_low": tile.low,
            f"{method}_high": tile.high,
        }


class _Heard:
    """Keeps what rows tell of a batch beyond what a gallery needs: all scores and values, and maps as numbers."""

    def __init__(self, *, keeps_maps: bool) -> None:
        self._keeps_maps = keeps_maps
        self.said: dict[int, tuple[Tensor, Tensor]] = {}
        self.maps: dict[tuple[int, str], NDArray[np.float16]] = {}

    def hear(self, index: int, scores: Tensor, values: Tensor) -> None:
        self.said.setdefault(index, (scores.float().cpu(), values.float().cpu()))

    def keep(
        self,
        indices: Sequence[int],
        method: str,
        layer: str | None,  # noqa: ARG002
        targets: Sequence[int],  # noqa: ARG002
        maps: Tensor,
    ) -> None:
        if self._keeps_maps:
            halves = maps.detach().float().cpu().clamp(-_MOST, _MOST).to(torch.float16).numpy()
            for index, each in zip(indices, halves, strict=True):
                self.maps[index, method] = each.astype("<f2")

    def clear(self) -> None:
        self.said.clear()
        self.maps.clear()


def _never() -> bool:
    return False


# The greatest number of half precision.
_MOST = torch.finfo(torch.float16).max
