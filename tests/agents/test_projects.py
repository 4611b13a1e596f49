"""What projects save and avoid: hand arithmetic (SM08, SM10)."""

import numpy as np
import pytest

from tests.agents.decision_makers import make_town, t
from transition_sim.agents.options import output_per_capacity, service_capacity
from transition_sim.agents.outlook import room_for_prices, see_case
from transition_sim.agents.projects import annual_units, avoided_tco2_per_year, emitted_tco2_per_unit


def test_sm10_units_of_a_year():
    """Converter 1100 / 1.1 = 1000; roof 2 MW x 950 h = 1900 MWh; battery 3 MWh x 2 cycles x 330 d = 1980 MWh."""
    p = make_town().params[0]
    assert annual_units(0, 1.0, 1100.0, 950.0, p) == pytest.approx(1000.0)
    assert annual_units(2, 1.0, 2.0, 950.0, p) == pytest.approx(1900.0)
    assert annual_units(3, 1.0, 3.0, 950.0, p) == pytest.approx(1980.0)


def test_sm08_a_heat_pump_is_weighed_by_all_that_it_gives():
    """Sized to .4 of 4 x 1,000 GJ it gives 1,600 GJ a year, as its levelised cost has it (SM06), not 1,600 / 1.1."""
    town = make_town()
    p, pump = town.params[0], town.technologies[t("steam_heat_pump")]
    town.equip(0, t("steam_coal_cfb"), 4400.0)
    room = room_for_prices(town.outlook.growth_per_year, p)
    case = see_case(0, town.slots, town.services, town.firms, town.outlook, town.site, 16, room, p)
    capacity, _ = service_capacity(case, t("steam_heat_pump"), pump["max_demand_share"], 0.0, p)
    assert capacity == pytest.approx(1600.0)
    assert annual_units(0, pump["max_demand_share"], capacity, 950.0, p) == pytest.approx(1600.0)
    assert capacity * output_per_capacity(case, capacity, p) == pytest.approx(1600.0)


def test_sm10_emissions_of_a_unit():
    """2 GJ x .09 + .1 process = .28, half of it captured; (3.6 - 1.8 own) GJ / 3.6 x .2 = .1: .14 + .1 = .24 t.

    Capture of .14 t takes 2.5 GJ x .09 and .12 MWh x .2 a tonne: .0315 + .00336 t.
    """
    use = (2.0, 3.6, 0.1, 0.0, 0.09, 1.8, 0.5)
    assert emitted_tco2_per_unit(use, 0.2, make_town().params[0]) == pytest.approx(0.24 + 0.0315 + 0.00336)


def avoided(town, slot, technology, capacity):
    choices = np.zeros(1, [("enterprise", "i4"), ("slot", "i4"), ("service", "i2"), ("chosen", "i2"),
                           ("capacity_unit_per_year", "f8")])  # fmt: skip
    choices["slot"], choices["service"] = slot, town.slots["service"][slot]
    choices["chosen"], choices["capacity_unit_per_year"] = technology, capacity
    scope1 = np.array([0.09, 0.1, 0.05, 0.07, 0.07, 0.0, 0.0, 0.0, 0.0])
    return avoided_tco2_per_year(
        choices, town.slots, town.slot_start, town.assets, town.technologies, town.services, scope1,
        np.zeros(town.services.size), 0.2, 950.0, town.params,
    )[0]  # fmt: skip


def test_sm10_a_gas_boiler_for_a_coal_boiler():
    """Coal 1.38889 GJ x .09 + .02 / 3.6 x .2; gas 1.06952 x .05 + .01 / 3.6 x .2; difference x 1000 GJ."""
    town = make_town()
    town.equip(0, t("steam_coal_small"), 4400.0)
    coal, gas = 1.38889 * 0.09 + 0.02 / 3.6 * 0.2, 1.06952 * 0.05 + 0.01 / 3.6 * 0.2
    assert avoided(town, 0, t("steam_gas"), 1100.0) == pytest.approx(1000.0 * (coal - gas))


def test_sm10_the_dirtier_choice_avoids_nothing():
    town = make_town()
    town.equip(0, t("steam_gas"), 4400.0)
    assert avoided(town, 0, t("steam_coal_small"), 1100.0) == 0.0
