"""How good an explanation is, and how far two agree: plain functions on tensors.

- Removal: `deletion`, `insertion`, `road`. - Sanity: `randomisation`, `complexity_rise`, `random_logit`.
- Sums: `infidelity`, `completeness`, `sensitivity_n`; steadiness: `max_sensitivity`.
- Places: `pointing_game`, `energy_in`, `focus`. - Which method to believe: `faithfulness`.
"""

from .agreement import disagreement, small_maps
from .faithfulness import ROW_METRICS, Faithfulness, faithfulness
from .likeness import rank_correlation, ssim
from .localisation import energy_in, focus, pointing_game
from .randomisation import Randomisation, complexity_rise, random_logit, randomisation
from .reference_maps import REFERENCE_MAPS
from .removal import Curve, deletion, insertion
from .road import Road, road
from .robustness import completeness, infidelity, max_sensitivity, sensitivity_n
from .row_metrics import row_metric
from .scored import hottest_first

__all__ = [
    "REFERENCE_MAPS",
    "ROW_METRICS",
    "Curve",
    "Faithfulness",
    "Randomisation",
    "Road",
    "completeness",
    "complexity_rise",
    "deletion",
    "disagreement",
    "energy_in",
    "faithfulness",
    "focus",
    "hottest_first",
    "infidelity",
    "insertion",
    "max_sensitivity",
    "pointing_game",
    "random_logit",
    "randomisation",
    "rank_correlation",
    "road",
    "row_metric",
    "sensitivity_n",
    "small_maps",
    "ssim",
]
