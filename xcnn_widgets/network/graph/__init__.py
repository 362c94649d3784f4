"""The only folder that names private or undocumented parts of torch.

What a name does is found out by running it, not taken from a table of this or that version. Where a
version of torch lacks one, the answer is the careful one, or an error that says so.
"""

from .answers import AnswerEnd, answer_end
from .nodes import (
    is_opaque,
    is_packed,
    is_relu,
    is_written_into_view,
    kind_of,
    linear_layer,
    nodes_behind,
    saved_tensors,
)
from .parts import (
    Table,
    buffers_of,
    has_backward_hooks,
    has_forward_hooks,
    has_hooks,
    inside_compiled,
    is_compiled,
    is_view,
    modules_of,
    parameters_of,
    some_compiled,
    tables_of,
    undisturbed,
    version_of,
    versions_of,
)
from .places import makes_maps, moved_nodes, narrow_nodes, nodes_in_order

__all__ = [
    "AnswerEnd",
    "Table",
    "answer_end",
    "buffers_of",
    "has_backward_hooks",
    "has_forward_hooks",
    "has_hooks",
    "inside_compiled",
    "is_compiled",
    "is_opaque",
    "is_packed",
    "is_relu",
    "is_view",
    "is_written_into_view",
    "kind_of",
    "linear_layer",
    "makes_maps",
    "modules_of",
    "moved_nodes",
    "narrow_nodes",
    "nodes_behind",
    "nodes_in_order",
    "parameters_of",
    "saved_tensors",
    "some_compiled",
    "tables_of",
    "undisturbed",
    "version_of",
    "versions_of",
]
