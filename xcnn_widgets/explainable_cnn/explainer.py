"""CNNExplainer: a model with its classes, in the four calls of the package explainable-cnn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ..imaging import (
    ClassNames,
    PictureSource,
    Prepared,
    Transform,
    colour_table,
    overlay,
    signed_picture,
)
from ..methods import Explanation, explain, explain_pass
from ..network import ACTIVATIONS, Activation, TwoSided, answer_of
from ..passes import ForwardPass
from .arguments import Label, Question, checked_layers, checked_question
from .base_explainer import BaseExplainer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Layers = Sequence[str]


class CNNExplainer(BaseExplainer):
    """A model with its classes; a drop-in for ``explainable_cnn.CNNExplainer`` 1.0.

    Every call checks its arguments before it opens the picture, leaves the model as it was, and
    gives the same when it is made again. Pictures come back as RGB ``uint8``.

    Parameters
    ----------
    model
        A classifier: ``(B, C, H, W)`` to ``(B, classes)``. It is moved to `device`, and explained
        in evaluation mode; its training flags stay as they are.
    class_map
        From class index to name, or a list of names.
    device
        The name of a torch device, such as ``cpu`` or ``cuda:0``.
    activation
        How widgets that are given this explainer read the model's scores: ``softmax``, ``sigmoid`` or
        ``none``; by default as the model and its classes tell. Of a model with one score and two
        classes, the first class is explained by minus the score.

    Raises
    ------
    ValueError
        If the model is no ``nn.Module``, the device no string or the activation none of these.
    RuntimeError
        If there is no such device here.
    TypeError
        If the class map is no mapping from index to name.

    Notes
    -----
    In each call ``image_path`` is a path or anything else that `read_picture` takes.
    ``image_label`` is a class index or name. ``input_shape`` is ``(H, W)`` or ``(H, W, channels)``:
    the picture is resized to it before ``transforms``, a callable from a PIL picture (or its array,
    if it takes only that) to a tensor ``(C, H, W)`` (default: ToTensor and ImageNet's
    normalisation). Results have the height and width of the input, which is `input_shape` unless
    the transforms crop or resize.

    The calls raise TypeError for a label that is neither index nor name, a shape that is no tuple
    or list, and transforms that cannot be called; ValueError for an unknown label, a name that
    several classes have, a layer that is unknown or no string, a shape that is not one, and a file
    that is no picture; FileNotFoundError for a missing file.

    Examples
    --------
    >>> head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)]
    >>> model = nn.Sequential(nn.Conv2d(3, 4, 3), *head)
    >>> x_cnn = CNNExplainer(model, {0: "cat", 1: "dog"})
    >>> picture = np.zeros((30, 40, 3), np.uint8)
    >>> [cam.shape for cam in x_cnn.get_grad_cam(picture, "dog", (24, 32), ["0"])]
    [(24, 32, 3)]
    >>> x_cnn.get_label_information("dog")
    (1, 'dog')
    """

    def __init__(
        self,
        model: nn.Module,
        class_map: Mapping[int, str] | Sequence[str],
        device: str = "cpu",
        *,
        activation: Activation | None = None,
    ) -> None:
        class_names = ClassNames(class_map)
        if activation is not None and activation not in ACTIVATIONS:
            raise ValueError(
                f"activation is {activation!r}; expected {', '.join(map(repr, ACTIVATIONS))}, or None"
            )
        self.activation = activation
        self._two_sided: TwoSided | None = None
        super().__init__(model, device)
        self._name_classes(class_names)

    def __repr__(self) -> str:
        model = type(self.model).__name__
        return f"CNNExplainer({model}, {len(self.class_map)} classes, '{self.device}')"

    def get_saliency_map(
        self,
        image_path: PictureSource,
        image_label: Label,
        input_shape: Sequence[int],
        transforms: Transform | None = None,
    ) -> NDArray[np.float32]:
        """Return the saliency: the input gradient's largest absolute value over the channels.

        Returns
        -------
        ndarray
            ``float32`` ``(H, W)``, not negative.
        """
        question = self._question(image_label, input_shape, [], transforms)
        inputs = question.prepared(image_path).input[None]
        saliency: NDArray[np.float32] = (
            self._explain(inputs, "saliency", question).maps()[0].cpu().numpy()
        )
        return saliency

    def get_guided_back_propagation(
        self,
        image_path: PictureSource,
        image_label: Label,
        input_shape: Sequence[int],
        transforms: Transform | None = None,
    ) -> NDArray[np.uint8]:
        """Return guided backpropagation as a picture, centred on mid-grey.

        Returns
        -------
        ndarray
            RGB ``uint8`` ``(H, W, 3)``, as `signed_picture` makes it.
        """
        question = self._question(image_label, input_shape, [], transforms)
        inputs = question.prepared(image_path).input[None]
        return signed_picture(self._explain(inputs, "guided_backprop", question).values[0])

    def get_grad_cam(
        self,
        image_path: PictureSource,
        image_label: Label,
        input_shape: Sequence[int],
        layers: Layers,
        transforms: Transform | None = None,
        *,
        colormap: str = "jet",
    ) -> list[NDArray[np.uint8]]:
        """Return the Grad-CAM of each layer, half and half with the picture.

        Parameters
        ----------
        image_path, image_label, input_shape, transforms
            As for every call; see the class.
        layers
            Names from ``model.named_modules()``; one name alone is taken for a list of it.
        colormap
            Any of matplotlib's. With ``jet`` what matters is red; with ``jet_r`` it is blue, which
            is what explainable-cnn's pictures look like when they are shown as RGB.

        Returns
        -------
        list of ndarray
            RGB ``uint8`` ``(H, W, 3)``, in the order of `layers`.
        """
        question = self._question(image_label, input_shape, layers, transforms, colormap)
        prepared = question.prepared(image_path)
        forward = self._forward(prepared, question, input_gradient=False)
        return _grad_cams(forward, prepared, question, colormap)

    def get_guided_grad_cam(
        self,
        image_path: PictureSource,
        image_label: Label,
        input_shape: Sequence[int],
        layers: Layers,
        transforms: Transform | None = None,
    ) -> list[NDArray[np.uint8]]:
        """Return the Guided Grad-CAM of each layer as a picture, centred on mid-grey.

        Parameters
        ----------
        image_path, image_label, input_shape, transforms
            As for every call; see the class.
        layers
            Names from ``model.named_modules()``; one name alone is taken for a list of it.

        Returns
        -------
        list of ndarray
            RGB ``uint8`` ``(H, W, 3)``, in the order of `layers`, as `signed_picture` makes it.
        """
        question = self._question(image_label, input_shape, layers, transforms)
        prepared = question.prepared(image_path)
        forward = self._forward(prepared, question, input_gradient=True)
        return _guided_grad_cams(forward, question)

    def compare(
        self,
        image: PictureSource,
        label: Label,
        layers: Layers,
        input_shape: Sequence[int] = (224, 224),
        transforms: Transform | None = None,
        *,
        colormap: str = "jet",
    ) -> Figure:
        """Draw Grad-CAM beside Guided Grad-CAM, one row a layer.

        Parameters
        ----------
        image
            What `read_picture` takes.
        label, layers, input_shape, transforms, colormap
            As in `get_grad_cam`; at least one layer.

        Raises
        ------
        ValueError
            If there is no layer; else as the other calls.
        """
        # matplotlib takes longer to import than all the rest.
        from ..imaging.figures import comparison_figure

        question = self._question(label, input_shape, layers, transforms, colormap)
        if not question.layers:
            raise ValueError("layers is empty; give the name of at least one layer to compare")
        prepared = question.prepared(image)
        forward = self._forward(prepared, question, input_gradient=True)
        cams = _grad_cams(forward, prepared, question, colormap)
        guided = _guided_grad_cams(forward, question)
        return comparison_figure(
            list(zip(cams, guided, strict=True)),
            row_labels=question.layers,
            column_titles=["Grad-CAM", "Guided Grad-CAM"],
            title=self.class_map[question.label],
        )

    def _question(
        self,
        label: Label,
        input_shape: Sequence[int],
        layers: Layers,
        transforms: Transform | None,
        colormap: str = "jet",
    ) -> Question:
        """Check all arguments but the picture."""
        names = checked_layers(layers, self.model)
        colour_table(colormap)
        return checked_question(label, input_shape, names, transforms, self.class_names)

    def _forward(
        self, prepared: Prepared, question: Question, *, input_gradient: bool
    ) -> ForwardPass:
        """Run the model once, and go back once for all layers together."""
        layers = self.get_unique_layers(question.layers)
        inputs = prepared.input[None]
        forward = ForwardPass(
            self.model, inputs, layers, input_gradient=input_gradient, output=self._output(inputs)
        )
        if layers:
            forward.gradients(question.label, layers)
        return forward

    def _explain(self, inputs: Tensor, method: str, question: Question) -> Explanation:
        return explain(self.model, inputs, method, question.label, output=self._output(inputs))

    def _output(self, inputs: Tensor) -> TwoSided | None:
        """Of one score that stands for two classes, both; kept, for layers are found once for it."""
        if len(self.class_map) == 2 and self._two_sided is None:
            columns, ends_in = answer_of(self.model, inputs)
            if columns == 1:
                self._two_sided = TwoSided(ends_in in ("softmax", "sigmoid"))
        return self._two_sided


def _grad_cams(
    forward: ForwardPass, prepared: Prepared, question: Question, colormap: str
) -> list[NDArray[np.uint8]]:
    asked = partial(explain_pass, forward, "grad_cam", question.label)
    heats = (asked(layer).heatmaps()[0] for layer in question.layers)
    return [overlay(prepared.picture, heat, 0.5, colormap, blend="even") for heat in heats]


def _guided_grad_cams(forward: ForwardPass, question: Question) -> list[NDArray[np.uint8]]:
    results = (
        explain_pass(forward, "guided_grad_cam", question.label, layer) for layer in question.layers
    )
    return [signed_picture(result.values[0]) for result in results]
