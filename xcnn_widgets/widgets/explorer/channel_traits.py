"""What the panel about a layer's channels shows and lets people choose, as traits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import traitlets
from traitlets import TraitError

from ...study import ChannelTable, Exploration


class Tables(Protocol):
    """What tells of channels as numbers."""

    def table(self) -> ChannelTable:
        """The channels of the layer chosen."""


class ChannelTraits(traitlets.HasTraits):
    """Traits of the panel "Channels of this layer"."""

    if TYPE_CHECKING:

        @property
        def exploration(self) -> Exploration:
            """The model that is looked at, with its pictures."""

    _channel_panel: Tables
    layer: str | None
    image_index: int

    channels_open = traitlets.Bool(False).tag(sync=True)
    """Whether the panel about the layer's channels is open; closed it computes and sends nothing."""

    channels_off: Any = traitlets.List(traitlets.Int()).tag(sync=True)
    """The numbers of the layer's channels that are switched off in the panel; another layer begins with none."""

    _channel_layer = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    """The activations of the channels, as small grids; they go once for a picture and a layer."""
    _channel_weights = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    """What the class thinks of each of them; goes with every class."""
    _channels_after = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    """Maps and classes with and without the channels that are switched off; None while all are on."""
    _channel_wanted: Any = traitlets.List(traitlets.Int()).tag(sync=True)
    """The channel whose pictures are asked for, and how often that was asked."""
    _channel_cancel = traitlets.Int(0).tag(sync=True)
    _channel_pictures = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    """The pictures in which a channel answers most, or how far the search has come."""

    def channels(self) -> ChannelTable:
        """The channels of the layer chosen, and what each says of the class that is explained.

        Returns
        -------
        ChannelTable
            Arrays ``number``, ``weight``, ``mean`` and ``share``, one value a channel; `to_dataframe` makes a table.

        Raises
        ------
        ValueError
            If the model has no layer with a grid.
        """
        return self._channel_panel.table()

    @traitlets.validate("channels_off")
    def _valid_channels(self, proposal: Any) -> list[int]:
        numbers = sorted({*proposal.value})
        if not numbers:
            return []
        if self.layer is None:
            raise TraitError(f"channels_off = {proposal.value!r}: no layer is chosen")
        count = self.exploration.layer_shapes(self.image_index)[self.layer][0]
        wrong = [number for number in numbers if not 0 <= number < count]
        if wrong:
            raise TraitError(
                f"channels_off = {proposal.value!r}: {self.layer!r} has no channel {wrong[0]}; "
                f"there are {count}, 0 to {count - 1}"
            )
        return numbers
