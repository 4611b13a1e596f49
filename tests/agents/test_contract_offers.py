"""What an energy service company would put into a slot: no more than its service can use (SM09, SM06)."""

import numpy as np
import pytest
from decision_makers import far_away, make_town, t

from transition_sim.agents.choice import decide_options
from transition_sim.agents.contracts import Terms, best_offer
from transition_sim.agents.outlook import room_for_prices

FREE = Terms(0.0, 3.85, 0.05, 16)
"""Nothing for dealing, a prime rate of 3.85 %, loans at 5 %."""


def offered_gj_per_year(pump_gj_per_year):
    """Return the heat pump that a company offers to a works of 4,000 GJ of steam a year with a pump of its own."""
    town = make_town(levers={"esco_promotion": 1.0})
    sells = town.technologies.copy()
    for k in range(sells.size):
        if k != t("steam_heat_pump"):
            sells["contract_years"][k] = 0
    town.sells(sells)
    town.equip(0, t("steam_coal_cfb"), 4400.0)
    if pump_gj_per_year > 0.0:
        town.equip(0, t("steam_heat_pump"), pump_gj_per_year)
        town.slots["main_technology"][0] = t("steam_coal_cfb")
    town.outlook.expected_cny_per_gj[:, 0] = 400.0
    choices, options = decide_options(
        np.arange(1), town.firms, town.equipment, town.outlook, town.site, far_away(1), town.params, town.levers,
        town.quarter, town.year, np.zeros(1),
    )  # fmt: skip
    room = room_for_prices(town.outlook.growth_per_year, town.params[0])
    offer = best_offer(
        choices[0], options[0], town.firms, town.equipment, town.outlook, town.site, room, FREE, town.params[0],
        town.levers[0],
    )  # fmt: skip
    assert offer.technology == t("steam_heat_pump")
    return offer.capacity


@pytest.mark.parametrize(("own", "left"), [(0.0, 1600.0), (600.0, 1000.0)])
def test_sm09_a_pump_under_contract_leaves_room_for_the_one_that_is_there(own, left):
    """Pumps serve .4 of 4 x 1,000 GJ: 1,600 GJ/yr in all."""
    assert offered_gj_per_year(own) == pytest.approx(left)
