"""What a model says of one class."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Prediction:
    """One class, and what the model says of it.

    Attributes
    ----------
    index, name
        The class; a target of a person's own has an index behind those of the classes.
    value
        A probability, 0 to 1, or a score.
    is_probability
        Which of the two.
    """

    index: int
    name: str
    value: float
    is_probability: bool = True

    @property
    def text(self) -> str:
        """The value as people read it."""
        return percent(self.value) if self.is_probability else number(self.value)


def percent(probability: float) -> str:
    """A probability as people read it; one that is small but not zero does not look like zero."""
    return "<0.1%" if 0 < probability < 0.0005 else f"{probability:.1%}"


def number(value: float) -> str:
    """A value in three significant digits, as short as it can be read, as the browser writes it."""
    size = abs(value)
    if size == 0:
        return "0"
    if size < 1e-3 or size >= 1e6:
        digits, exponent = f"{value:.2e}".split("e")
        return f"{digits}e{int(exponent):+}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.3g}".removesuffix(".")
