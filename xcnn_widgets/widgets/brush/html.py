"""What the brush tells in HTML: bars, status, errors; every name in it is text."""

from __future__ import annotations

from html import escape

from ...study.challenge import Challenge
from ...study.hiding import Answer, ClassChange
from ...study.wire import percent

STYLE = """<style>
.xcnn-brush { --ink: var(--jp-ui-font-color1, #222); --quiet: color-mix(in srgb, var(--ink) 78%, transparent);
  --line: var(--jp-border-color2, #c8c8c8); --was: var(--jp-border-color1, #bdbdbd);
  --now: var(--jp-brand-color1, #1976d2); color: var(--ink); max-width: 1000px; overflow: hidden; }
html[theme=dark] .xcnn-brush { --jp-layout-color3: #5f6368; color-scheme: dark; } /* Colab brings JupyterLab's light colours. */
.xcnn-brush .xcnn-brush-main { display: flex; flex-flow: row wrap; gap: 12px 20px; align-items: flex-start; }
.xcnn-brush .xcnn-brush-left { flex: 1 1 280px; max-width: 448px; min-width: 0; }
.xcnn-brush .xcnn-brush-right { flex: 1 1 300px; min-width: 0; }
.xcnn-brush .xcnn-brush-row { display: flex; flex-flow: row wrap; gap: 2px 4px; align-items: center; }
.xcnn-brush .xcnn-brush-canvas { cursor: crosshair; touch-action: none; border-radius: 2px; }
.xcnn-brush .xcnn-brush-canvas:focus-visible { outline: 2px solid var(--now); outline-offset: 2px; }
.xcnn-brush .xcnn-brush-stage { display: flex; flex-flow: column; gap: 4px; margin: 2px; line-height: 1.4;
  font-size: var(--jp-ui-font-size1, 13px); overflow-wrap: anywhere; }
.xcnn-brush .xcnn-brush-stage p { margin: 0; }
.xcnn-brush .xcnn-brush-frame { display: flex; padding: 3px 0; }
.xcnn-brush .widget-html, .xcnn-brush .widget-html-content { height: auto; line-height: 1.4; width: auto; min-width: 0;
  color: var(--ink); font-size: var(--jp-ui-font-size1, 13px); }
.xcnn-brush .widget-html-content p { margin: 0; overflow-wrap: anywhere; }
.xcnn-brush table { border-collapse: collapse; width: 100%; table-layout: fixed; }
.xcnn-brush table caption { text-align: left; color: var(--quiet); padding: 2px 0; caption-side: top; }
.xcnn-brush td, .xcnn-brush th { padding: 3px 6px 3px 0; text-align: left; font-weight: normal; vertical-align: middle; }
.xcnn-brush th[scope=row] { width: 32%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.xcnn-brush tr.target th { font-weight: 600; }
.xcnn-brush td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.xcnn-brush td.share { width: 104px; }
.xcnn-brush td.points { width: 62px; }
.xcnn-brush .bar { height: 6px; border-radius: 1px; min-width: 1px; }
.xcnn-brush .was { background: var(--was); margin-bottom: 2px; }
.xcnn-brush .now { background: var(--now); }
.xcnn-brush .xcnn-brush-challenge { border-left: 3px solid var(--line); padding-left: 8px; align-self: stretch; }
.xcnn-brush .xcnn-brush-challenge .widget-html-content p:first-child { font-weight: 600; }
.xcnn-brush .xcnn-brush-challenge td.bars { position: relative; }
.xcnn-brush .xcnn-brush-challenge .goal { position: absolute; top: 2px; bottom: 2px; width: 0; border-left: 2px solid var(--ink); }
.xcnn-brush .xcnn-brush-error { border-left: 3px solid var(--jp-error-color1, #c62828); padding-left: 8px; }
.xcnn-brush .xcnn-brush-note { color: var(--quiet); }
.xcnn-brush .xcnn-brush-attempt { width: 78px; }
.xcnn-brush .xcnn-brush-attempt img { width: 74px; height: 56px; object-fit: contain; }
</style>"""


HINT = "paint with the mouse, or with arrow keys and Space"


def bars(answer: Answer) -> str:
    """A table of the likeliest classes, before and after; the target last if it is not among them."""
    classes = list(answer.classes)
    if answer.target.index not in [change.index for change in classes]:
        classes.append(answer.target)
    rows = "".join(_row(change, target=change.index == answer.target.index) for change in classes)
    return (
        "<table><caption>Before (grey), after (colour), change in points</caption>"
        f"<tbody>{rows}</tbody></table>"
    )


def sentence(answer: Answer, picture: str) -> str:
    """What is shown, in one line, for eyes and screen readers."""
    change = answer.target
    return (
        f"{picture}, {answer.hidden:.1%} hidden: {change.name} {percent(change.before)} to "
        f"{percent(change.after)} ({points(change.points)} points)"
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


def _row(change: ClassChange, *, target: bool) -> str:
    name = escape(change.name)
    before, after = (f"{100 * share:.1f}%" for share in (change.before, change.after))
    return (
        f'<tr class="{"target" if target else "other"}"><th scope="row" title="{name}">{name}</th>'
        f'<td><div class="bar was" style="width:{before}"></div>'
        f'<div class="bar now" style="width:{after}"></div></td>'
        f'<td class="number share">{percent(change.before)} \N{RIGHTWARDS ARROW} {percent(change.after)}</td>'
        f'<td class="number points">{points(change.points)}</td></tr>'
    ).replace("<0.1%", "&lt;0.1%")
