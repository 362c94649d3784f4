"""Peak memory: the most bytes that torch's allocator held at once during a call. On the CPU from the profiler's log of
every allocation; exact, and the same in every run."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import torch
from torch.profiler import ProfilerActivity, profile

import xcnn_widgets as xw

from .bare import input_gradients, layer_gradient
from .networks import Network
from .rows import Bound, Contender, Rival, Row, row

_MEBIBYTE = 2**20


def peak_bytes(call: Callable[[], object], device: str = "cpu") -> int:
    """How far the bytes allocated rise above what they were before the call."""
    call()
    gc.collect()
    if device == "cuda":
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        call()
        return torch.cuda.max_memory_allocated() - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as log:
        call()
    assert log.profiler is not None and log.profiler.kineto_results is not None
    changes = [e for e in log.profiler.kineto_results.events() if e.name() == "[memory]"]
    held = peak = 0
    for change in sorted(changes, key=lambda event: event.start_ns()):
        held += change.nbytes()
        peak = max(peak, held)
    if not peak:
        raise RuntimeError(
            "the profiler logged no allocation: its event for memory may have another name now"
        )
    return peak


def memory(network: Network, samples: int = 32) -> Iterator[Row]:
    """The peaks of a cold Grad-CAM, a session, and a batch of Grad-CAM with Guided Grad-CAM."""
    one, many = network.inputs, network.batch(samples)
    frozen = network.frozen_copy()
    layer, layers, targets = network.layers[-1], network.session_layers, [3, 1, 4, 5, 9]

    def cold() -> None:
        xw.explain(network.model, one, target=3)

    def session() -> None:
        forward = xw.ForwardPass(network.model, one, layers)
        for target in targets:
            for method in ("saliency", "guided_backprop"):
                xw.explain_pass(forward, method, target)
            for name in layers:
                xw.explain_pass(forward, "grad_cam", target, name)
                xw.explain_pass(forward, "guided_grad_cam", target, name)

    def batch() -> None:
        forward = xw.ForwardPass(network.model, many, [layer])
        xw.explain_pass(forward, "grad_cam", 3, layer)
        xw.explain_pass(forward, "guided_grad_cam", 3, layer, release=True)

    cases: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
        ("8 peak memory, cold Grad-CAM", cold, lambda: layer_gradient(frozen, one, layer, 3)),
        ("8 peak memory, session", session, lambda: input_gradients(frozen, one, targets * 2)),
        (f"8 peak memory, batch of {samples}", batch, lambda: input_gradients(frozen, many, [3])),
    ]
    for question, ours, bare in cases:
        yield row(
            question,
            network.name,
            Contender("ours", "as in the row on time", ours),
            Rival(
                Contender("bare torch", "as in the row on time", bare),
                Bound("at_most", 1.1 if "cold" in question else None, 1.1),
            ),
            [float(peak_bytes(ours, network.placement.device))],
            [float(peak_bytes(bare, network.placement.device))],
            "MiB",
            1 / _MEBIBYTE,
        )
