"""A run whose every figure is known by hand: two years of nothing but round numbers, or a whole peak."""

import numpy as np

from transition_sim.core.clock import Clock
from transition_sim.results import RunResult
from transition_sim.scenarios import load_scenario
from transition_sim.world import columns
from transition_sim.world.recorder import PLACE_INDEX, Recorder

# Mt a year, 2020-2031: the highest three-year mean is (9.9 + 10 + 9.9) / 3 around 2023
DUAL_MT = (8.0, 9.0, 9.9, 10.0, 9.9, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0)
TERRITORIAL_MT = tuple(float(k) for k in range(1, 13))
TECHNOLOGIES = ("slow", "fast", "grey")
GATE = {"place": {"gate": {"co2": {"value": "8 MtCO2/yr", "low": "7 MtCO2/yr", "high": "9 MtCO2/yr"}}}}


def synthetic_result(seed: int = 1, dual_mt: tuple[float, ...] = DUAL_MT) -> RunResult:
    """Return a run of 12 years with 100 M CNY of subsidies, 40 of tax credits and 30 of surcharges a year."""
    scenario = load_scenario("minimal", policy="current", overlay=GATE, end_year=2031)
    clock = Clock(2020, 2031)
    recorder = Recorder(clock.n_quarters, 1, 1, len(TECHNOLOGIES), 2)
    recorder.place[:] = 0.0
    recorder.sector[:] = recorder.county[:] = recorder.technology[:] = recorder.vintage[:] = 0.0
    _flow(recorder, "dual_control_tco2", 1e6 * np.array(dual_mt))
    _flow(recorder, "territorial_tco2", 1e6 * np.array(TERRITORIAL_MT))
    for name, yearly in {
        "energy_coal_equivalent_tce": 4e6, "nonfossil_tce": 1e6, "gdp_cny": 100e9, "capex_cny": 500e6,
        "subsidy_cny": 100e6, "tax_credit_cny": 40e6, "surcharge_cny": 30e6, "defaults": 4.0,
    }.items():  # fmt: skip
        _flow(recorder, name, np.full(clock.n_years, yearly))
    share = [c.name for c in columns.TECHNOLOGY].index("adoption_share")
    users = [c.name for c in columns.TECHNOLOGY].index("enterprises")
    recorder.technology[-4:, :, share] = [0.1, 0.5, 0.9]
    recorder.technology[-4:, :, users] = [1, 2, 9]
    agent = [c.name for c in columns.AGENT].index("capex_cny")
    recorder.agent[:, 0, agent] = 10e6
    return RunResult(scenario, seed, clock, recorder, labels(), {"low_confidence_share": 0.6})


def _flow(recorder: Recorder, name: str, yearly: np.ndarray) -> None:
    recorder.place[:, PLACE_INDEX[name]] = np.repeat(yearly / 4.0, 4)


def labels() -> dict:
    """Two enterprises, a large and a small one; two green technologies and a grey one."""
    return {
        "sectors": ["CEM"],
        "counties": ["county"],
        "technologies": list(TECHNOLOGIES),
        "technology_names": (["Slow lamp", "Fast [pump]", "Old boiler"], ["慢灯", "快泵", "旧锅炉"]),
        "green_technologies": ["slow", "fast"],
        "services": [],
        "enterprises": ["e1", "e2"],
        "enterprise_attributes": {"enterprise": ["e1", "e2"], "size_class": ["large", "small"]},
    }
