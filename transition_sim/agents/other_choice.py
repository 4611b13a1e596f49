"""Technology choice by a rule of another package: what it sees, and how its probabilities become choices.

Our own rule has run before: utility and probability of every option stand there, and the other rule writes over what
it sees differently. Who is feasible, what it costs and which uniform it is drawn with stay the same.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from transition_sim.agents.choice import draw, see_options, service_ranges, write_choice
from transition_sim.agents.outlook import Equipment, Firms, Outlook, Site, room_for_prices
from transition_sim.core.kernels import compiled, lean
from transition_sim.world.state import MAX_OPTIONS

ROUNDING = 1e-9


class Seen(NamedTuple):
    """What the enterprises that look at a slot this quarter see: R slots, the first ``n_options`` options of each.

    Attributes
    ----------
    choices : ndarray of ``CHOICES_DTYPE``, shape (R,)
        To be read: ``slot``, ``enterprise``, ``service``, ``n_options`` (0 where nothing can be had).
    options : ndarray of ``OPTIONS_DTYPE``, shape (R, MAX_OPTIONS)
        To be read: ``technology`` (-1: keep what is there) and ``levelised_cost_cny_per_unit``. To be written:
        ``utility``, which ranks the options in the log, and ``probability``, which sums to 1.
    firms : Firms
        Tables of enterprises, a row an enterprise.
    equipment : Equipment
        Slots, assets, technologies.
    """

    choices: np.ndarray
    options: np.ndarray
    firms: Firms
    equipment: Equipment


TechnologyChoice = Callable[[Seen, np.ndarray, np.ndarray, np.ndarray], None]
"""``rule(seen, params, levers, own)``: parameters, levers and added levers are structured arrays of shape (1,)."""


@compiled
def first_wrong(seen):
    """Return the first row whose probabilities are none, or sum to something else than 1; -1 where all is well."""
    for r in range(seen.choices.size):
        total = 0.0
        for k in range(seen.choices[r].n_options):
            option = seen.options[r, k]
            if not option.probability >= 0.0 or not np.isfinite(option.utility):
                return r
            total += option.probability
        if seen.choices[r].n_options > 0 and not abs(total - 1.0) <= ROUNDING:
            return r
    return -1


@compiled
def _draw_rows(rows, firms, equipment, outlook, site, params, levers, quarter, year, uniforms, choices, options):
    first_of_service, last_of_service = service_ranges(equipment.technologies, equipment.services.size)
    _draw_each(
        rows, firms, equipment, outlook, site, params[0], levers[0], quarter, year, uniforms, choices, options,
        first_of_service, last_of_service, np.zeros((MAX_OPTIONS, 5)),
        room_for_prices(outlook.growth_per_year, params[0]),
    )  # fmt: skip


@lean
def _draw_each(
    rows, firms, equipment, outlook, site, p, lever, quarter, year, uniforms, choices, options, first_of_service,
    last_of_service, terms, room,
):  # fmt: skip
    for r in range(rows.size):
        n, _ = see_options(
            rows[r], firms, equipment, outlook, site, p, lever, quarter, year, options[r], first_of_service,
            last_of_service, terms, room,
        )  # fmt: skip
        if n > 0:
            write_choice(choices[r], options[r], terms, n, draw(options[r, :n].probability, uniforms[r]))


def decide_otherwise(
    rule: TechnologyChoice, rows: np.ndarray, seen: Seen, outlook: Outlook, site: Site,
    params: np.ndarray, levers: np.ndarray, quarter: int, year: int, uniforms: np.ndarray, own: np.ndarray,
) -> None:  # fmt: skip
    """Let another rule weigh what ``decide_options`` has weighed, and draw again with the same uniforms.

    Parameters
    ----------
    rule : TechnologyChoice
    rows, outlook, site, params, levers, quarter, year, uniforms
        As ``decide_options`` had them.
    seen : Seen
        Its choices and options are written over.
    own : structured array, shape (1,)
        Levers that packages add, this quarter.

    Raises
    ------
    ValueError
        When the rule leaves probabilities that do not sum to 1 or a utility that is no number.
    """
    rule(seen, params, levers, own)
    wrong: Any = first_wrong(seen)
    if wrong >= 0:
        n = int(seen.choices["n_options"][wrong])
        written = np.array2string(seen.options["probability"][wrong, :n], precision=6, separator=", ")
        slot = int(seen.choices["slot"][wrong])
        raise ValueError(f"the probabilities of the options of slot {slot} are {written}; they must sum to 1")
    _draw_rows(
        np.ascontiguousarray(rows, np.int64), seen.firms, seen.equipment, outlook, site, params, levers, quarter, year,
        uniforms, seen.choices, seen.options,
    )  # fmt: skip
