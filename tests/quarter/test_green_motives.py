"""What makes enterprises want green power beside their buyers: a zero-carbon park, and rights (SM14, L28)."""

from types import SimpleNamespace

import numpy as np
import pytest
from quarter_worlds import world_of

import transition_sim as ts
from transition_sim.quarter import energy_rights, green_power
from transition_sim.quarter.account import tce_per_mwh
from transition_sim.scenarios import registry

PARK = "yibin_east_park"


def willing(world):
    """Let the world trade once; return limits, CNY/MWh, and what is claimed, MWh."""
    green_power.trade(world)
    table = world.state["green_power"]
    return table["willingness_cny_per_mwh"].copy(), table["claimed_mwh"].copy()


def with_title(world, year):
    """Pretend that the park of this world builds a zero-carbon park from a year on."""
    zone = world.scenario.place.zone.model_copy(update={"zero_carbon_park_from": year})
    place = world.scenario.place.model_copy(update={"zone": zone})
    object.__setattr__(world.scenario, "place", place)
    return world


def test_sm14_a_zero_carbon_park_is_worth_60_more_to_each_of_its_enterprises():
    """Not before its first year; from then on all power is wanted green, at up to 60 CNY/MWh more."""
    levers = {"green_power_access_share": 0.5}
    year = ts.load_scenario("minimal").clock.start_year
    none, late, now = (with_title(world_of(**levers), y) for y in (None, year + 1, year))
    before, bought_before = willing(none)
    assert willing(late)[0].tolist() == before.tolist()
    after, bought = willing(now)
    assert after == pytest.approx(before + 60.0)
    assert (bought > bought_before).all()
    assert (bought <= now.state["energy"]["purchased_mwh"]).all()


def test_yibin_is_a_zero_carbon_park_from_2026_and_says_from_where():
    zone = ts.load_scenario(PARK).place.zone
    assert zone.zero_carbon_park_from == 2026
    assert "first-batch national zero-carbon park" in ts.load_scenario(PARK).place.sources[zone.source]


@pytest.fixture
def due():
    """A world in which rights cost 100 CNY/tce and the first two enterprises are key users."""
    world = world_of(green_power_access_share=0.5)
    rights, n = world.energy_rights, world.state.n_enterprises
    rights.used_tce = rights.output_cny = np.zeros(n)
    rights.start_tce_per_cny = np.where(np.arange(n) < 2, 1e-5, 0.0)
    rights.price_cny_per_tce = 100.0
    return world


def test_sm14_a_right_is_worth_its_price_times_the_coal_equivalent_of_power(due):
    """Rights are due for power at its coal equivalent of the year, some 0.30 tce/MWh: 100 CNY/tce are 30 CNY/MWh."""
    equivalent = tce_per_mwh(due)
    assert 0.28 < equivalent < 0.31
    worth = energy_rights.quota_cny_per_mwh(due)
    assert worth[:2] == pytest.approx(100.0 * equivalent)
    assert not worth[2:].any()
    outlook = energy_rights.with_rights(
        due, SimpleOutlook(np.zeros(due.state.n_enterprises), np.zeros(due.state.n_enterprises))
    )
    assert outlook.electricity_cny_per_mwh.tolist() == worth.tolist()
    before, bought_before = willing(world_of(green_power_access_share=0.5))
    after, bought = willing(due)
    assert after == pytest.approx(before + worth)
    assert (bought[:2] > bought_before[:2]).all()


class SimpleOutlook(SimpleNamespace):
    """Two fields of an outlook."""

    def __init__(self, electricity_cny_per_mwh, carbon_cny_per_tco2):
        super().__init__(electricity_cny_per_mwh=electricity_cny_per_mwh, carbon_cny_per_tco2=carbon_cny_per_tco2)

    def _replace(self, **fields):
        return SimpleOutlook(**{**vars(self), **fields})


def test_green_power_needs_no_rights(due):
    """1,000 tce of use, of which 500 MWh are green at the coal equivalent; never less than nothing."""
    due.state["energy"]["energy_coal_equivalent_tce"] = 1000.0
    due.state["green_power"]["claimed_mwh"] = 0.0
    due.state["green_power"]["claimed_mwh"][:2] = 500.0, 1e6
    counted = energy_rights._counted_tce(due)
    assert counted[0] == pytest.approx(1000.0 - 500.0 * tce_per_mwh(due))
    assert counted[1] == 0.0
    assert (counted[2:] == 1000.0).all()


def test_without_rights_there_is_no_shadow_price():
    world = world_of()
    assert not energy_rights.quota_cny_per_mwh(world).any()
    assert registry.parameter_record({})[0]["wtp_zero_carbon_park_cny_per_mwh"] == 60.0
