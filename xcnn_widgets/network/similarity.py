"""How alike an image's embedding and a given one are, as a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from .outputs import OutputChoice, embedding_of
from .subject import Subject


def similarity(embedding: Any) -> Similarity | PictureSimilarity:
    """Explain how alike the embedding of the input and a given one are: the cosine between them.

    For image encoders, as of CLIP or DINO, and for retrieval: where in the picture is what makes it
    resemble the reference, which may be another picture's embedding or that of a text?

    Parameters
    ----------
    embedding
        ``(D,)`` for all samples, or ``(B, D)``, one for each, floating numbers. Its length does not
        matter, its direction does. For a widget also a picture (a path, PIL, ``uint8``), whose
        embedding the widget asks the model for.

    Returns
    -------
    Similarity or PictureSimilarity
        A target, as `explain` takes it. Its score is from -1 to 1. What is compared is the model's
        output ``(B, D)``; of several tensors the one that `output` chooses, or that is called
        ``image_embeds``, ``pooler_output``, ``embeddings`` or ``embedding``.

    Raises
    ------
    TypeError
        If `embedding` holds no floating numbers.
    ValueError
        If it has another shape, or is zero or not finite; and, when it is asked of a model, if it
        does not fit the output.

    Examples
    --------
    >>> target = similarity(torch.tensor([3.0, 4.0]))
    >>> print(target)
    similarity to an embedding of 2 numbers
    >>> target(torch.tensor([[6.0, 8.0], [-4.0, 3.0]]))
    tensor([1., 0.])
    """
    if not isinstance(embedding, Tensor | np.ndarray | Sequence) or isinstance(
        embedding, str | bytes
    ):
        return PictureSimilarity(embedding)
    given = torch.as_tensor(embedding).detach()
    if given.dtype == torch.uint8 and given.ndim in (2, 3):
        return PictureSimilarity(embedding)
    if not given.is_floating_point():
        raise TypeError(f"embedding holds {given.dtype}; expected floating numbers, or a picture")
    if given.ndim not in (1, 2) or not given.numel():
        raise ValueError(f"embedding has the shape {tuple(given.shape)}; expected (D,) or (B, D)")
    rows = given.reshape(-1, given.shape[-1]).clone()
    if not (rows.isfinite().all() and rows.any(dim=1).all()):
        raise ValueError(
            "embedding is zero, or has NaN or infinite values, so it has no direction to compare with"
        )
    return Similarity(rows)


@dataclass(frozen=True, eq=False)
class Similarity:
    """The cosine of the model's output with given vectors, ``(B,)``; see `similarity`.

    Attributes
    ----------
    embedding
        ``(1, D)`` for all samples, or ``(B, D)``.
    output
        Which tensor of the model's output is the embedding.
    """

    embedding: Tensor
    output: OutputChoice = None

    def __call__(self, output: Any) -> Tensor:
        """The score of each sample; errors as of `similarity`."""
        found = embedding_of(output, self.output)
        rows, size = self.embedding.shape
        if found.ndim != 2 or found.shape[1] != size:
            raise ValueError(
                f"the embedding given has {size} numbers, and the model's output the shape "
                f"{tuple(found.shape)}; expected (B, {size}): give one that this model made, or "
                "choose another tensor of its output with output="
            )
        if len(found) % rows:
            raise ValueError(
                f"there are {rows} embeddings for {len(found)} samples; give one for all or one for "
                "each"
            )
        # Of a larger batch, sample i is a changed copy of sample i % B.
        return cosine_similarity(found, self.embedding.to(found).repeat(len(found) // rows, 1))

    def anchored(self, _output: Any, subject: Subject) -> Similarity:
        """With the choice of the output's tensor."""
        return replace(self, output=subject.output)

    def __str__(self) -> str:
        """As a person reads it."""
        return f"similarity to an embedding of {self.embedding.shape[1]} numbers"


@dataclass(frozen=True, eq=False)
class PictureSimilarity:
    """How alike the embeddings of the input and of a picture are, once a widget has asked the model for the latter.

    Attributes
    ----------
    picture
        Anything that `read_picture` takes.
    """

    picture: Any

    def __call__(self, _output: Any) -> Tensor:
        """Refuse it where no widget has prepared the picture for the model."""
        raise TypeError(
            f"{self}: only a widget knows how pictures are prepared for the model; here give the "
            "embedding: xw.similarity(model(transform(picture)[None])[0])"
        )

    def embedded(self, output: Any, chosen: OutputChoice) -> Similarity:
        """The same, by what the model returned for the picture."""
        return SimilarityToPicture(embedding_of(output, chosen).detach()[:1].clone(), chosen)

    def __str__(self) -> str:
        """As a person reads it."""
        return "similarity to a picture"


class SimilarityToPicture(Similarity):
    """The cosine of the model's output with a picture's embedding."""

    def __str__(self) -> str:
        """As a person reads it."""
        return "similarity to a picture"
