"""What the panel "Can I trust it?" shows, as traits."""

from __future__ import annotations

from typing import Protocol

import traitlets

from ...study import Trust


class Told(Protocol):
    """What tells of a map what it is worth."""

    def trust(self) -> Trust:
        """Of the map that is chosen."""

    def save(self) -> None:
        """Find out what a page shall show."""


class TrustTraits(traitlets.HasTraits):
    """Traits of the panel "Can I trust it?"."""

    _trust_panel: Told

    trust_open = traitlets.Bool(False).tag(sync=True)
    """Whether the panel "Can I trust it?" is open; closed it computes and sends nothing. Its work is done on a
    thread of its own, also where code opens it; `wait` waits for it."""

    _trust = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    """What is known of the map shown so far; it goes once for each of the three checks."""
    _trust_progress = traitlets.Float(None, allow_none=True).tag(sync=True)
    """How far the work is, 0 to 1; None while none runs."""
    _trust_wanted = traitlets.Int(0).tag(sync=True)
    """How often the work was asked for again."""
    _trust_cancel = traitlets.Int(0).tag(sync=True)

    def trust(self) -> Trust:
        """What speaks for the map chosen and against it, as the panel "Can I trust it?" shows it.

        It takes seconds: up to eight maps of random networks, and 120 forward passes of pictures without some pixels.
        The model is never changed.

        Returns
        -------
        Trust
            ``randomised`` (the map of networks that are random from the classifier down), ``removed`` (deletion and
            insertion, beside a random map and edges) and ``other`` (the map of the next likeliest class). A check
            that does not fit is None, and ``why`` says why.

        Raises
        ------
        ValueError
            If no check fits: of a signal, a volume or a detector, or of a map that is the same everywhere.
        """
        return self._trust_panel.trust()
