"""How good an explanation is, and how far two agree: plain functions on tensors.

- Removal: `deletion`, `insertion`, `road`; several of the same inputs by one `Scored`. - Sanity: `randomisation`, `complexity_rise`, `random_logit`.
- Sums: `infidelity`, `completeness`, `sensitivity_n`; steadiness: `max_sensitivity`.
- Places: `pointing_game`, `energy_in`, `focus`. - Which method to believe: `faithfulness`.
"""

from .agreement import disagreement, small_maps
from .faithfulness import faithfulness
from .faithfulness_table import Faithfulness
from .likeness import rank_correlation, ssim
from .localisation import energy_in, focus, pointing_game
from .randomisation import Randomisation, complexity_rise, random_logit, randomisation
from .reference_maps import REFERENCE_MAPS
from .removal import Curve, deletion, deletion_of, insertion, insertion_of
from .road import Road, road, road_of
from .robustness import completeness, infidelity, max_sensitivity, sensitivity_n
from .row_metrics import ROW_METRICS, RowMetrics
from .scored import Scored, hottest_first

__all__ = [
    "REFERENCE_MAPS",
    "ROW_METRICS",
    "Curve",
    "Faithfulness",
    "Randomisation",
    "Road",
    "RowMetrics",
    "Scored",
    "completeness",
    "complexity_rise",
    "deletion",
    "deletion_of",
    "disagreement",
    "energy_in",
    "faithfulness",
    "focus",
    "hottest_first",
    "infidelity",
    "insertion",
    "insertion_of",
    "max_sensitivity",
    "pointing_game",
    "random_logit",
    "randomisation",
    "rank_correlation",
    "road",
    "road_of",
    "sensitivity_n",
    "small_maps",
    "ssim",
]
