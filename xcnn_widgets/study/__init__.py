"""What a person explores, without a screen; knows no widgets."""

from .answers import Answers
from .asking import MOST_ROWS, Ask, Request, Target, column
from .beside import Beside
from .challenge import Challenge, Rivals, first_goal
from .channels import (
    ChannelQuestion,
    Channels,
    ChannelTable,
    grids_of,
    grids_state,
    silenced_state,
)
from .checkpoints import Checkpoints, checkpoints
from .choice import Choice
from .chosen import asked_of, class_in, class_names_of, numbers_in_columns
from .class_changes import ClassChange
from .comparison import Comparison, compare, layer_beside, same_question, true_values
from .doubts import Doubted, Doubts, attempt
from .drawing import Looks, framed, page_figure, sheets_of
from .exploration import Exploration
from .figures import figure_beside, figure_of
from .files import Files, save_pictures
from .filling import counted, fill, filled
from .free_names import FreeNames
from .hiding import Answer, Hiding, Question
from .histogram import BINS, DISAGREEMENTS, PROBABILITIES, Histogram, bin_edges
from .kept_passes import GRAPH_BYTES
from .linear_head import HeadMisfitError, LinearHead, activation_and_scores, linear_head
from .maps import TileMap, tiles_of
from .matched import matched_class, matched_layer, matched_target
from .measures import Numbers, measure, numbers_of, unmeasured
from .models import MOST_OPEN, Models
from .named_targets import target_name
from .order import BETWEEN_MODELS, ORDERS, SHOWN, Range, Selection
from .page_screen import Page, Screen
from .predictions import Prediction, number, percent
from .reading import Reading
from .results import failures_by_name, metric_column, table
from .rows import (
    EMPTY_ROW,
    Row,
    class_title,
    failed_row,
    jpeg,
    judged_row,
    layer_title,
    map_state,
    picture_rows,
)
from .run_options import first_window
from .samples import Sample, indices_of
from .several import several
from .shown import Shown, image_state
from .source import AskedSource, Source
from .strongest import Place, StrongestPlaces, cell_box, receptive_field
from .styles import PARTS, STYLES, Paint, offered_styles, settled, styles_of
from .summary import Summary
from .trust import OtherClass, RandomNetworks, Removal, Trust
from .trust_state import doubted_state, other_state, randomised_state, removed_state
from .wire import (
    layer_states,
    method_states,
    picture_state,
    png,
    prediction_state,
    quantised,
    reading_state,
    standing,
)
from .words import in_words, noted
from .work import Work

__all__ = [
    "BETWEEN_MODELS",
    "BINS",
    "DISAGREEMENTS",
    "EMPTY_ROW",
    "GRAPH_BYTES",
    "MOST_OPEN",
    "MOST_ROWS",
    "ORDERS",
    "PARTS",
    "PROBABILITIES",
    "SHOWN",
    "STYLES",
    "Answer",
    "Answers",
    "Ask",
    "AskedSource",
    "Beside",
    "Challenge",
    "ChannelQuestion",
    "ChannelTable",
    "Channels",
    "Checkpoints",
    "Choice",
    "ClassChange",
    "Comparison",
    "Doubted",
    "Doubts",
    "Exploration",
    "Files",
    "FreeNames",
    "HeadMisfitError",
    "Hiding",
    "Histogram",
    "LinearHead",
    "Looks",
    "Models",
    "Numbers",
    "OtherClass",
    "Page",
    "Paint",
    "Place",
    "Prediction",
    "Question",
    "RandomNetworks",
    "Range",
    "Reading",
    "Removal",
    "Request",
    "Rivals",
    "Row",
    "Sample",
    "Screen",
    "Selection",
    "Shown",
    "Source",
    "StrongestPlaces",
    "Summary",
    "Target",
    "TileMap",
    "Trust",
    "Work",
    "activation_and_scores",
    "asked_of",
    "attempt",
    "bin_edges",
    "cell_box",
    "checkpoints",
    "class_in",
    "class_names_of",
    "class_title",
    "column",
    "compare",
    "counted",
    "doubted_state",
    "failed_row",
    "failures_by_name",
    "figure_beside",
    "figure_of",
    "fill",
    "filled",
    "first_goal",
    "first_window",
    "framed",
    "grids_of",
    "grids_state",
    "image_state",
    "in_words",
    "indices_of",
    "jpeg",
    "judged_row",
    "layer_beside",
    "layer_states",
    "layer_title",
    "linear_head",
    "map_state",
    "matched_class",
    "matched_layer",
    "matched_target",
    "measure",
    "method_states",
    "metric_column",
    "noted",
    "number",
    "numbers_in_columns",
    "numbers_of",
    "offered_styles",
    "other_state",
    "page_figure",
    "percent",
    "picture_rows",
    "picture_state",
    "png",
    "prediction_state",
    "quantised",
    "randomised_state",
    "reading_state",
    "receptive_field",
    "removed_state",
    "same_question",
    "save_pictures",
    "settled",
    "several",
    "sheets_of",
    "silenced_state",
    "standing",
    "styles_of",
    "table",
    "target_name",
    "tiles_of",
    "true_values",
    "unmeasured",
]
