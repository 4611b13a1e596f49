"""Phase 9: rights to use energy: counted by quarter, traded and paid for at the end of the year (SM15, L28, L14)."""

import numpy as np

from transition_sim.agents.outlook import Outlook
from transition_sim.quarter.account import tce_per_mwh
from transition_sim.scenarios import registry
from transition_sim.world.markets.energy_rights import clear_year, quota_tce
from transition_sim.world.world import World

LAST_QUARTER = 3
COAL_TCO2_PER_TCE = 2.6638
"""Raw coal: 0.09089 tCO2/GJ x 29.3076 GJ/tce (A34)."""


def trade_rights(world: World) -> None:
    """Count the energy of the quarter; at year's end measure quotas once, then clear and pay every year."""
    rights = world.energy_rights
    rights.traded_tce = rights.missing_tce = 0.0
    change = _quota_percent_per_year(world)
    if change is None:
        if rights.used_tce.size:
            rights.close()
        return
    state = world.state
    rights.count(_counted_tce(world), state["production"]["output_cny"])
    if world.quarter_of_year < LAST_QUARTER:
        return
    year = world.clock.year(world.quarter)
    if rights.is_open:
        _settle(world, change, year - rights.first_year)
    else:
        rights.begin(year, world.parameter("key_user_tce_per_year"))
    rights.open_year()


def _counted_tce(world: World) -> np.ndarray:
    """Return the energy of the quarter that needs rights, tce, shape (N,): green power does not count.

    Power from renewable sources, shown by certificates, is left out of the control of energy use since 2022.
    """
    green_mwh = world.state["green_power"]["claimed_mwh"]
    return np.maximum(world.state["energy"]["energy_coal_equivalent_tce"] - green_mwh * tce_per_mwh(world), 0.0)


def quota_cny_per_mwh(world: World) -> np.ndarray:
    """Return what rights for a MWh cost each enterprise, CNY/MWh, shape (N,): the shadow price v_q of SM14.

    Power counts at its coal equivalent, as in the use that rights are due for.
    """
    rights = world.energy_rights
    if rights.price_cny_per_tce <= 0.0:
        return world.constants.no_carbon_price
    return rights.price_cny_per_tce * tce_per_mwh(world) * (rights.start_tce_per_cny > 0.0)


def _quota_percent_per_year(world: World) -> float | None:
    """Return the yearly change of energy per output that quotas follow; None without a market or a quota."""
    if world.frozen or world.lever("energy_right_trading") <= 0.0:
        return None
    change = world.lever("energy_intensity_change_percent_per_year")
    neutral = registry.levers()["energy_intensity_change_percent_per_year"].neutral
    return None if change == neutral else change


def _settle(world: World, change_percent: float, years: int) -> None:
    """Clear the year and book it: between enterprises, and to the treasury for what is missing."""
    rights, p, flows = world.energy_rights, world.params[0], world.state["flows"]
    alive = world.state["finance"]["is_alive"]
    quotas = quota_tce(rights.start_tce_per_cny * alive, change_percent, years, rights.output_cny)
    ceiling = float(p["energy_right_ceiling_cny_per_tce"])
    found = clear_year(rights.used_tce, quotas, float(p["energy_right_floor_cny_per_tce"]), ceiling, p["auction_k"])
    rights.price_cny_per_tce = found.price_cny_per_tce if found.traded_tce > 0.0 else ceiling * (found.missing_tce > 0)
    rights.traded_tce, rights.missing_tce = found.traded_tce, found.missing_tce
    flows["allowances_cny"] += found.paid_cny
    world.ledger.post("allowances, paid use of energy", "enterprises", "treasury", float(found.paid_cny.sum()))
    world.recorder.note_market(
        world.quarter, "energy-use rights", rights.price_cny_per_tce, "CNY/tce", found.traded_tce, "tce"
    )


def with_rights(world: World, outlook: Outlook) -> Outlook:
    """Return the outlook of enterprises with what another tce costs key users: nothing while there is no price.

    Fuel carries it as coal would, through the price of its CO2: gas, with less CO2 a tce, sees three fifths of it.
    """
    rights = world.energy_rights
    if rights.price_cny_per_tce <= 0.0:
        return outlook
    cny_per_tce = rights.price_cny_per_tce * (rights.start_tce_per_cny > 0.0)
    return outlook._replace(
        electricity_cny_per_mwh=outlook.electricity_cny_per_mwh + quota_cny_per_mwh(world),
        carbon_cny_per_tco2=np.asarray(outlook.carbon_cny_per_tco2) + cny_per_tce / COAL_TCO2_PER_TCE,
    )
