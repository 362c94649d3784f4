"""What a failed browser test leaves to read: the last messages between page and kernel, and what the kernel holds."""

from __future__ import annotations

from .lab import Lab
from .server import Kernel
from .wire import Message

_MOST_MESSAGES = 80
_LONGEST = 160
# Simple traits of every widget of ours that is open, and whether its thread is at work.
_STATES = """[
    {"widget": repr(w), "busy": getattr(getattr(w, "_worker", None), "busy", None),
     **{k: v for k, v in w.get_state().items() if isinstance(v, (str, int, float, list, type(None)))}}
    for w in list(ipywidgets.widgets.widget._instances.values()) if type(w).__module__.startswith("xcnn_widgets")
]"""


def post_mortem(lab: Lab, kernel: Kernel | None) -> str:
    """The story of a page, as far as its wire and its kernel tell it."""
    told = [line(message) for message in lab.wire.messages[-_MOST_MESSAGES:]]
    told += ["", *lab.problems]
    if kernel is not None:
        # Asked last: a kernel that sleeps may wake up from it.
        told += ["", *map(str, kernel.ask(_STATES))]
    return "\n".join(told)


def line(message: Message) -> str:
    """One message: its way, whose answer it is, and the beginning of what it carries."""
    parts = [message.way, message.type, message.id[-12:], f"to {message.parent[-12:]}"]
    parts += [f"on {message.subshell[-12:]}"] if message.subshell else []
    content = message.content.get("data", message.content)
    return f"{' '.join(parts)}: {str(content)[:_LONGEST]}"
