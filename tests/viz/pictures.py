"""Pictures made by hand, so that the view model is tested without a run."""

import numpy as np

from transition_sim.results import BASES
from transition_sim.scenarios.scenario import Scenario
from transition_sim.scoreboard import Sample, targets_of
from transition_sim.scoreboard.dimensions import DIMENSION_ROWS
from transition_sim.viz.picture import SIZES, Picture, shown_measures
from transition_sim.world.columns import PLACE
from transition_sim.world.peak import peak_metrics

YEARS = np.arange(2020, 2036)


def picture(scenario: Scenario, seed: int, tco2: np.ndarray | None = None, **measures: float) -> Picture:
    """Return a picture with emissions that rise to 2028 and fall, and measures that are 0 unless given."""
    series = 1e7 * (1 - 0.01 * np.abs(YEARS - 2028.0)) if tco2 is None else tco2
    annual = {c.name: np.ones(YEARS.size) for c in PLACE}
    annual |= {f"{basis}_tco2": series for basis in BASES}
    return Picture(
        scenario.hash,
        seed,
        YEARS,
        annual,
        {"roof_pv": np.linspace(0, 0.8, YEARS.size), "steam_electric": np.linspace(0, 0.1, YEARS.size)},
        vintage_gj(),
        {f"{size}_enterprises": 10.0 for size in SIZES} | {f"subsidies_to_{size}": 1.0 for size in SIZES},
        {basis: peak_metrics(YEARS, series) for basis in BASES},
        {m.key: measures.get(m.key, 0.0) for m in shown_measures(scenario)},
        np.zeros((4, 2), dtype=bool),
        sample(scenario, series),
    )


def vintage_gj() -> np.ndarray:
    """Return 80 PJ of fuel in old equipment in every year, 1 PJ in that of each year since, and a quarter as power."""
    fossil = np.zeros((YEARS.size, 1 + YEARS.size))
    fossil[:, 0] = 80e6
    for k in range(YEARS.size):
        fossil[k:, 1 + k] = 1e6
    return np.stack([1.25 * fossil, fossil], axis=-1)


def sample(scenario: Scenario, tco2: np.ndarray) -> Sample:
    """Return what the scoreboard needs: every target at 1 in every year, CO2 as given."""
    targets = [t.id for t in targets_of(scenario) if t.measure is not None]
    series = {row.key: np.ones(YEARS.size) for row in DIMENSION_ROWS if row.of is not None}
    series["dual_control_mtco2"] = 1e-6 * tco2
    return Sample({t: np.ones(YEARS.size) for t in targets}, dict.fromkeys(targets, False), series)
