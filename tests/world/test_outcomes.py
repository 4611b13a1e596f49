"""Air pollutants, green industry and who gets support, by hand (I30, I46, I54)."""

import numpy as np
import pytest

from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.scenarios.pollutants import POLLUTANTS, USERS
from transition_sim.world.accounting.outcomes import co_pollutants_t
from transition_sim.world.state import ENTERPRISE_TABLES, LARGE, MEDIUM, PRICES, SMALL
from transition_sim.world.totals import Groups, enterprise_totals

TABLES = ("production", "energy", "finance", "flows", "conduct", "green_power")


def test_i54_factor_times_fuel():
    """100 GJ x .1 + 10 GJ x .5 + a plant of 2 MWh x 9 GJ/MWh x .01 = 10 + 5 + .18 kg; the other plant is elsewhere."""
    factor = np.zeros((3, 2, 3))
    factor[0, 0, 0], factor[1, 1, 0], factor[2, 0, 0] = 0.1e-3, 0.5e-3, 0.01e-3
    found = co_pollutants_t(
        np.array([100.0, 7.0]), np.array([3.0, 10.0]), np.array([0, 0, -1]), np.array([2.0, 50.0, 9.0]),
        np.array([9.0, 9.0, 0.0]), np.array([True, False, True]), factor,
    )  # fmt: skip
    assert found.tolist() == pytest.approx([15.18e-3, 0.0, 0.0])


def test_i54_table():
    """Coal in works: .12 kg SO2 a GJ; steam and power that are bought emit nothing where they are used."""
    table, carriers = registry.pollutant_table(), registry.carrier_ids()
    assert table.shape == (len(USERS), len(carriers), len(POLLUTANTS))
    assert table[0, carriers.index("coal")].tolist() == pytest.approx([0.12e-3, 0.12e-3, 0.02e-3])
    assert not table[:, [carriers.index("heat"), carriers.index("electricity")]].any()
    assert (
        table[2, carriers.index("coal")] < table[0, carriers.index("coal")]
    ).all()  # plants are cleaner than boilers


def test_i54_ultra_low_limits_of_coal_plants():
    """35, 50 and 10 mg in each of 350 m3 of flue gas a GJ: 12.25, 17.5 and 3.5 g."""
    coal = registry.pollutant_table()[2, registry.carrier_ids().index("coal")]
    assert coal.tolist() == pytest.approx([12.25e-6, 17.5e-6, 3.5e-6], rel=0.005)


def test_i30_and_i46_sums():
    """Green: 10 + 30. Support 5 + 2 + 93, 40, 60 = 200; the large one has 100 of it."""
    tables = {name: allocate(ENTERPRISE_TABLES[name], 3) for name in TABLES}
    tables["production"]["output_cny"] = (10.0, 20.0, 30.0)
    tables["finance"]["size_class"] = (LARGE, MEDIUM, SMALL)
    flows = tables["flows"]
    flows["subsidy_cny"], flows["interest_subsidy_cny"] = (5.0, 0.0, 60.0), (2.0, 0.0, 0.0)
    flows["borrowed_cny"] = (93.0, 40.0, 0.0)
    found = enterprise_totals(
        *tables.values(), np.array([0, 1, 0]), np.ones(2), np.array([True, False]), np.array([0.5, 0.0, 1.0]),
        np.array([2.0, 3.0, 0.0]),
    )  # fmt: skip
    assert found.green_industry_output_cny == 40.0
    assert (found.support_and_loans_cny, found.smaller_support_and_loans_cny) == (200.0, 100.0)
    assert (found.output_cny, found.roof_pv_mw, found.storage_mwh) == (60.0, 1.5, 5.0)


def test_sums_over_groups_of_rows():
    """The first and the last of three rows: 10 + 30 and 1 + 4."""
    table = allocate(PRICES, 3)
    table["price_index"], table["wage_share"] = (10.0, 20.0, 30.0), (1.0, 2.0, 4.0)
    groups = Groups.of(all=np.ones(3), outer=np.array([True, False, True]))
    sums = groups.totals(table)
    assert (sums["all"]["price_index"], sums["outer"]["price_index"]) == (60.0, 40.0)
    assert (sums["all"]["wage_share"], sums["outer"]["wage_share"]) == (7.0, 5.0)
    assert groups.sums(np.array([1.0, 2.0, 3.0])) == {"all": 6.0, "outer": 4.0}
    assert Groups.of(all=np.ones(0)).totals(table[:0])["all"]["price_index"] == 0.0
