"""Five hundred random valid scenarios on small places and short horizons: all of them run, and stay what they must be.

Fifty places (firms, growth, units, banks, budget, a tenth of the parameters) under ten settings each (about a third of
the levers anywhere in their range, some as schedules, some with a shock). Every identity B01-B17 is checked by the run
itself; what is checked here holds whatever the setting.
"""

from typing import Any

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.scenarios import registry

PLACES, SETTINGS = 50, 10
LEVERS = [row for row in registry.levers().values() if row.acts]
CHANNELS = [row for row in registry.channels().values() if row.key != "lever_strength"]
NEVER_NEGATIVE = (
    "territorial_tco2", "dual_control_tco2", "enterprise_scope1_tco2", "city_tco2", "electricity_mwh", "imported_mwh",
    "energy_coal_equivalent_tce", "coal_tce", "nonfossil_tce", "output_cny", "gdp_cny",
)  # fmt: skip

MAY_BE_UNKNOWN = ("assessment_score", "gas_output_bcm_per_year")


def any_value(row: Any, rng: np.random.Generator) -> float:
    """Return a value in the range of a row: mostly inside, at times one of the ends."""
    return float(rng.choice([row.low, row.high, rng.uniform(row.low, row.high)], p=[0.15, 0.15, 0.7]))


def any_place(rng: np.random.Generator) -> dict[str, Any]:
    """Return changes of the smallest place that leave it valid; the gate allows what they do to its balance."""
    firms = (1, *rng.integers(1, 9, 2))  # the kiln works make all the cement
    return {
        "population_seed": int(rng.integers(1, 1000)),
        "economy": {"rest_growth_percent": [[2021, float(rng.uniform(-5, 10))]]},
        "sectors": [
            {"sector": sector, "output": f"{output} M CNY/yr", "firms": int(n)}
            for sector, output, n in zip(("CEM", "EQP", "FOD"), (100, 300, 200), firms, strict=True)
        ],
        "power": {
            "import_limit": [[2020, float(rng.uniform(5, 40))]],
            "loss_share": float(rng.uniform(0, 0.1)),
            "province_load_growth_percent": [[2020, float(rng.uniform(-2, 8))]],
        },
        "public": {
            "fiscal_revenue": f"{rng.uniform(1, 200):.3f} M CNY/yr",
            "queue": str(rng.choice(["first_come", "cost_per_tonne", "lottery"])),
        },
        "gate": {f"{total}_tolerance_percent": 50.0 for total in ("co2", "energy", "electricity")},
    }


def any_levers(rng: np.random.Generator) -> dict[str, Any]:
    """Return settings of about a third of the levers: numbers, switches and schedules."""
    chosen: dict[str, Any] = {}
    for row in LEVERS:
        if rng.random() < 0.3:
            is_switch = row.kind == "switch"
            values = [float(rng.integers(2)) if is_switch else any_value(row, rng) for _ in range(2)]
            is_path = rng.random() < 0.3
            interp = "step" if is_switch else "linear"
            chosen[row.key] = (
                {"path": [[2020, values[0]], [2022, values[1]]], "interp": interp} if is_path else values[0]
            )
    return chosen


def any_shocks(rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return no shock, or one on two channels in 2021 and 2022."""
    if rng.random() < 0.5:
        return []
    effects = []
    for row in rng.choice(np.array(CHANNELS, dtype=object), 2, replace=False):
        value = float(rng.integers(2)) if (row.low, row.high) == (0.0, 1.0) else any_value(row, rng)
        effects.append({"channel": row.key, "from": "2021Q2", "to": "2022Q1", "value": value})
    names = {"name": {"en": "Any", "zh": "任意"}, "description": {"en": "Any.", "zh": "任意。"}}
    return [{"format": "shock/1", "id": "any_shock", **names, "effects": effects}]


@pytest.mark.parametrize("number", range(PLACES))
def test_random_scenarios_of_a_place(number):
    rng = np.random.default_rng([20201121, number])
    place = any_place(rng)
    rows = [row for row in registry.parameters().values() if rng.random() < 0.1]
    parameters = {row.key: any_value(row, rng) for row in rows}
    for k in range(SETTINGS):
        asked = {"place": place, "parameters": parameters, "levers": any_levers(rng)}
        shocks, seed = any_shocks(rng), int(rng.integers(1, 2**31))
        try:
            scenario = ts.load_scenario("minimal", "none", asked, shocks=shocks, end_year=2022)
            result = ts.run(scenario, seed, keep_agents=False, keep_decisions=False)
            check(result)
            if k == 0:
                recorded = ts.load_scenario(scenario.resolved(), None)
                again = ts.run(recorded, seed, keep_agents=False, keep_decisions=False)
                assert again.place.equals(result.place)  # the record of a run is the run
        except BaseException as error:
            error.add_note(f"place {number}, setting {k}, seed {seed}: {asked}, {shocks}")
            raise


def check(result: ts.RunResult) -> None:
    """Hold a run against what no setting may break."""
    place, annual = result.place, result.annual
    assert place["quarter"].tolist() == [f"{year}Q{q}" for year in (2020, 2021, 2022) for q in (1, 2, 3, 4)]
    numbers = place.select_dtypes("number")
    unknown = numbers.columns[numbers.isna().any()]
    # a price without a trade, a score before the first assessment, gas of a place that says nothing of it
    assert all("_cny_per_" in name or name in MAY_BE_UNKNOWN for name in unknown), list(unknown)
    assert not np.isinf(numbers.to_numpy()).any()
    for name in NEVER_NEGATIVE:
        assert place[name].min() >= 0.0, name
    shares = [name for name in numbers if name.endswith("_share")]
    assert shares
    for name in shares:
        assert numbers[name].max() <= 1.0 + 1e-9, name
    assert annual["territorial_tco2"].to_numpy() == pytest.approx(
        place.groupby("year")["territorial_tco2"].sum().to_numpy(), rel=1e-12
    )
    by_sector = result.sector.groupby("quarter", sort=False)["output_cny"].sum().to_numpy()
    assert by_sector == pytest.approx(place["output_cny"].to_numpy(), rel=1e-9)
    assert result.peak().peak_year in (2020, 2021, 2022)
