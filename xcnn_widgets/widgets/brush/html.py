"""What the brush tells in HTML: bars, status, errors; every name in it is text."""

from __future__ import annotations

from html import escape
from typing import Any

from ...study import Answer, Challenge, ClassChange, number, percent

HINT = "paint with the mouse, or with arrow keys and Space"


def bars(answer: Answer | None) -> str:
    """A table of the likeliest classes, before and after; the target last if it is not among them."""
    if answer is None:
        return ""
    classes = list(answer.classes)
    if answer.target.index not in [change.index for change in classes]:
        classes.append(answer.target)
    # Probabilities fill the bar at 1, scores at the largest of them.
    full = max(
        (max(abs(c.before), abs(c.after)) for c in classes if not c.is_probability), default=1.0
    )
    rows = "".join(
        _row(
            change,
            1.0 if change.is_probability else full or 1.0,
            target=change.index == answer.target.index,
        )
        for change in classes
    )
    unit = " in points" if all(change.is_probability for change in classes) else ""
    return (
        f"<table><caption>Before (grey), after (colour), change{unit}</caption>"
        f"<tbody>{rows}</tbody></table>"
    )


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


def challenge_table(challenge: Challenge | None) -> str:
    """How the challenge stands: you, Grad-CAM's region and one by chance, all of the same area."""
    if challenge is None:
        return ""
    told = f'<p role="status" aria-live="polite">{escape(verdict(challenge))}</p>'
    if challenge.hidden == 0 or not challenge.is_open:
        return told
    rivals = {
        "you": challenge.after,
        "Grad-CAM": challenge.after_grad_cam,
        "chance": challenge.after_chance,
    }
    rows = "".join(_rival(name, after, challenge.goal) for name, after in rivals.items())
    best = challenge.best
    least = (
        ""
        if best is None
        else f"<p>Your best: {best['hidden']:.1%} hidden, {percent(best['after'])}</p>"
    )
    return (
        f"{told}<table><caption>As much of the picture, {challenge.hidden:.1%}, hidden by</caption><tbody>{rows}</tbody></table>{least}"
    ).replace("<0.1%", "&lt;0.1%")


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
    return (
        number(change.points).replace("-", "\N{MINUS SIGN}")
        if change.points < 0
        else f"+{number(change.points)}"
    )


def attempt_label(attempt: dict[str, Any]) -> tuple[str, str]:
    """What an attempt's button says, and the whole sentence behind it."""
    change, unit = points(-attempt["drop"]), " points"
    if not attempt["is_probability"]:
        change, unit = f"{-attempt['drop']:+.4g}", ""
    return change, (
        f"Return to {attempt['hidden']:.1%} of {attempt['image']} hidden ({attempt['fill']}): "
        f"{attempt['target']} {change}{unit}"
    )


def error_line(text: str) -> str:
    """What went wrong; empty when nothing did."""
    return f'<p role="alert" class="xcnn-brush-error">{escape(text)}</p>' if text else ""


def note_line(text: str) -> str:
    """What a reader has to know; usually empty."""
    return f'<p class="xcnn-brush-note">{escape(text)}</p>' if text else ""


def _rival(name: str, after: float | None, goal: float) -> str:
    if after is None:
        return f'<tr><th scope="row">{name}</th><td class="number" colspan="2">has no map</td></tr>'
    kind = "now" if name == "you" else "was"
    return (
        f'<tr><th scope="row">{name}</th><td class="bars"><div class="bar {kind}" '
        f'style="width:{100 * after:.1f}%"></div><div class="goal" style="left:{100 * goal:.1f}%"></div>'
        f'</td><td class="number share">{percent(after)}</td></tr>'
    )


def _row(change: ClassChange, full: float, *, target: bool) -> str:
    name = escape(change.name)
    before, after = (f"{100 * abs(each) / full:.1f}%" for each in (change.before, change.after))
    return (
        f'<tr class="{"target" if target else "other"}"><th scope="row" title="{name}">{name}</th>'
        f'<td><div class="bar was" style="width:{before}"></div>'
        f'<div class="bar now" style="width:{after}"></div></td>'
        f'<td class="number share">{change.said_before.text} \N{RIGHTWARDS ARROW} {change.said_after.text}</td>'
        f'<td class="number points">{moved(change)}</td></tr>'
    ).replace("<0.1%", "&lt;0.1%")
