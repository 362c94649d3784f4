"""What the brush tells, in words and as its page takes it: bars, challenge, attempts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...imaging import Mask
from ...study import Answer, Challenge, ClassChange, number, percent, png

EDGE = (255, 140, 0)
"""The colour around what is hidden."""

ATTEMPTS_SHOWN = 12
_THUMBNAIL = 104


def answer_state(answer: Answer | None) -> dict[str, Any] | None:
    """The likeliest classes before and after; the target last if it is not among them."""
    if answer is None:
        return None
    classes = list(answer.classes)
    if answer.target.index not in [change.index for change in classes]:
        classes.append(answer.target)
    # Probabilities fill the bar at 1, scores at the largest of them.
    values = [abs(v) for c in classes if not c.is_probability for v in (c.before, c.after)]
    full = max(values, default=1.0) or 1.0
    return {
        "rows": [_row(change, 1.0 if change.is_probability else full) for change in classes],
        "target": answer.target.index,
        "in_points": all(change.is_probability for change in classes),
    }


def challenge_state(challenge: Challenge | None) -> dict[str, Any] | None:
    """How the challenge stands: you, Grad-CAM's region and one by chance, all of the same area."""
    if challenge is None:
        return None
    rivals = {
        "you": challenge.after,
        "Grad-CAM": challenge.after_grad_cam,
        "chance": challenge.after_chance,
    }
    told, best = challenge.hidden > 0 and challenge.is_open, challenge.best
    return {
        "verdict": verdict(challenge),
        "start": challenge.before,
        "hidden": f"{challenge.hidden:.1%}" if told else None,
        "rivals": [
            {"name": name, "after": after, "text": "no map" if after is None else percent(after)}
            for name, after in rivals.items()
        ],
        "best": best and f"Your best: {best['hidden']:.1%} hidden, {percent(best['after'])}",
    }


def attempt_state(
    attempt: dict[str, Any], position: int, picture: NDArray[np.uint8]
) -> dict[str, Any]:
    """An attempt of the history as a thumbnail, with a short label and the sentence behind it."""
    change, unit = points(-attempt["drop"]), " points"
    if not attempt["is_probability"]:
        change, unit = f"{-attempt['drop']:+.4g}", ""
    return {
        "position": position,
        "picture": _thumbnail(picture, attempt["mask"]),
        "label": change,
        "sentence": f"Return to {attempt['hidden']:.1%} of {attempt['image']} hidden ({attempt['fill']}): "
        f"{attempt['target']} {change}{unit}",
    }


def sentence(answer: Answer, picture: str) -> str:
    """What is shown, in one line, for eyes and screen readers."""
    change = answer.target
    return (
        f"{picture}, {answer.hidden:.1%} hidden: {change.name} {change.said_before.text} to "
        f"{change.said_after.text} ({moved(change)}{' points' if change.is_probability else ''})"
    )


def verdict(challenge: Challenge) -> str:
    """How the challenge stands, in one line."""
    target, now = challenge.target, percent(challenge.after)
    goal = f"{100 * challenge.goal:.3g}%"
    if not challenge.is_open:
        return (
            f"{target} is at {percent(challenge.before)}, below {goal} from the start: choose another class or "
            "picture, or a lower goal"
        )
    if challenge.hidden == 0:
        return f"Bring {target} from {now} below {goal}, hiding as little as you can"
    if challenge.reached:
        return f"Done: {target} is at {now}, below {goal}, with {challenge.hidden:.1%} hidden"
    return f"Not yet: {target} is at {now} with {challenge.hidden:.1%} hidden, not below {goal}"


def points(change: float) -> str:
    """A change in points with its sign; what rounds to nothing has none."""
    rounded = round(change, 1)
    if rounded == 0:
        return "0.0"
    sign = "+" if rounded > 0 else "\N{MINUS SIGN}"
    return f"{sign}{abs(rounded):.1f}"


def moved(change: ClassChange) -> str:
    """How a class moved, with its sign: of probabilities in points."""
    if change.is_probability:
        return points(change.points)
    text = number(change.points).replace("-", "\N{MINUS SIGN}")
    return text if change.points < 0 else f"+{text}"


def _row(change: ClassChange, full: float) -> dict[str, Any]:
    return {
        "index": change.index,
        "name": change.name,
        "before": abs(change.before) / full,
        "after": abs(change.after) / full,
        "text": f"{change.said_before.text} \N{RIGHTWARDS ARROW} {change.said_after.text}",
        "moved": moved(change),
    }


def _thumbnail(picture: NDArray[np.uint8], mask: Mask) -> bytes:
    """A small PNG of the picture with what is hidden in one colour."""
    step = max(1, max(mask.shape) // _THUMBNAIL)
    shown = np.where(mask[::step, ::step, None], np.array(EDGE, np.uint8), picture[::step, ::step])
    return png(np.ascontiguousarray(shown))
