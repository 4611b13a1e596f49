"""The buildings of a place: its base year, and what a year of policy brings to them (SM20)."""

from dataclasses import dataclass
from functools import cached_property
from math import exp

import numpy as np

from transition_sim.core.tables import Field, allocate
from transition_sim.scenarios import registry
from transition_sim.scenarios.city_rows import PEOPLE
from transition_sim.scenarios.spec import City
from transition_sim.world.city.floor import BIOMASS, COAL, GAS, N_HEATS, N_LEVELS, renew_buildings
from transition_sim.world.city.owners import OWNERS, open_owners
from transition_sim.world.totals import Groups

BUILDINGS = (  # writer: world.city.floor; of contracts: agents.building_contracts, world.markets.energy_service
    Field("start_m2", "m2", "floor of the base year", low=0),
    Field("people_index", "-", "people it follows, base year = 1", low=0),
    Field("floor_m2", "m2", "floor at the end of the year", low=0),
    Field("new_m2", "m2/yr", "built in the year", low=0),
    Field("demolished_m2", "m2/yr", "pulled down in the year", low=0),
    Field("star_m2", "m2/yr", "of the new, star-rated", low=0),
    Field("code_m2", "m2/yr", "of the new, built to the national code or better", low=0),
    Field("all_electric_m2", "m2/yr", "of the new, without fuel; public buildings", low=0),
    Field("retrofit_m2", "m2/yr", "retrofitted in the year", low=0),
    Field("new_roof_m2", "m2/yr", "new roofs of public buildings", low=0),
    Field("new_pv_roof_m2", "m2/yr", "of which with photovoltaics", low=0),
    Field("pv_mw", "MW", "photovoltaics on public buildings built since the base year", low=0),
    Field("heat_gj_per_m2", "GJ/m2/yr", "useful heat from fuel, base year", low=0),
    Field("power_gj_per_m2", "GJ/m2/yr", "electricity, base year", low=0),
    Field("start_coal_share", "-", "useful heat from coal, base year", low=0, high=1),
    Field("switched_share", "-", "useful heat that left coal in the year", low=-1, high=1),
    Field("useful_heat_gj", "GJ/yr", "useful heat", low=0),
    Field("coal_gj", "GJ/yr", "coal burnt", low=0),
    Field("biomass_gj", "GJ/yr", "straw and firewood", low=0),
    Field("gas_gj", "GJ/yr", "natural gas", low=0),
    Field("electric_heat_gj", "GJ/yr", "electricity that took the place of fuel", low=0),
    Field("electric_gj", "GJ/yr", "all electricity", low=0),
    Field("collector_gj", "GJ/yr", "heat of collectors and heat pumps outside the balance", low=0),
    Field("renewable_gj", "GJ/yr", "renewable heat, urban buildings", low=0),
    Field("contract_saving_gj", "GJ/yr", "electricity that equipment of energy service companies saves", low=0),
    Field("contract_pv_mw", "MW", "photovoltaics of energy service companies on roofs", low=0),
    Field("service_trust", "-", "trust of the owners in energy service companies", low=0, high=1),
)
YEAR = registry.numbers_dtype((
    "year", "years", "star_share", "retrofit_share", "public_effort", "ban_year", "switch_cny_per_kw",
    "switch_paid_share", "roof_pv_share",
))  # fmt: skip
"""What a year brings to all buildings."""
HEAT_HOURS = 1000.0
"""Hours of full use a year of stoves and water heaters: useful heat to kW of the subsidy (L33) [A]."""
SECTORS = {"urban_buildings": True, "rural_buildings": False}
_FUELS = ((COAL, "coal", "coal_mj_per_m2"), (BIOMASS, "biomass", "biomass_mj_per_m2"),
          (GAS, "natural_gas", "gas_mj_per_m2"))  # fmt: skip


@dataclass
class Buildings:
    """Buildings of a place by kind, K of them; no row where it states none.

    Attributes
    ----------
    ids : list of str
    kinds : structured array, shape (K,)
        The rows of the table of buildings that the place has; read-only.
    rows : structured array, shape (K,)
    floors : ndarray, shape (K, 5)
        m2 by standard.
    heats : ndarray, shape (K, 4)
        Shares of useful heat by carrier.
    year : structured array, shape (1,)
    owners : structured array, shape (n,)
        Who can sign a contract with an energy service company, by falling use of electricity.
    """

    ids: list[str]
    kinds: np.ndarray
    rows: np.ndarray
    floors: np.ndarray
    heats: np.ndarray
    year: np.ndarray
    owners: np.ndarray

    @cached_property
    def groups(self) -> Groups:
        """Kinds that are reported together."""
        every, homes = np.ones(len(self.ids)), self.of("is_home")
        urban, public = self.of("is_urban"), self.of("is_public")
        return Groups.of(all=every, homes=homes, others=~homes, urban=urban, public=public)

    def of(self, flag: str) -> np.ndarray:
        """Return which kinds carry a mark of the table, shape (K,)."""
        return self.kinds[flag] > 0


def open_buildings(city: City | None, totals_gj: dict[str, dict[str, float]], params: np.ndarray) -> Buildings:
    """Return the buildings of the base year with the energy of the place.

    Parameters
    ----------
    city : City or None
    totals_gj : dict of model -> carrier -> GJ/yr
        Energy of the place's sectors ``urban_buildings`` and ``rural_buildings``.
    params : structured array, shape (1,)
    """
    every = {row.id: row for row in registry.building_kinds()}
    stocks = [s for s in city.buildings if _total(totals_gj, every[s.kind].is_urban)] if city is not None else []
    ids, n = [s.kind for s in stocks], len(stocks)
    kinds = registry.building_table()[[list(every).index(i) for i in ids]]
    kinds.flags.writeable = False
    made = Buildings(
        ids, kinds, allocate(BUILDINGS, n), np.zeros((n, N_LEVELS)), np.zeros((n, N_HEATS)), np.zeros(1, YEAR),
        allocate(OWNERS, 0),
    )  # fmt: skip
    for k, stock in enumerate(stocks):
        row = made.rows[k]
        row["start_m2"] = row["floor_m2"] = made.floors[k, 0] = float(stock.area)
        row["people_index"] = 1.0
    stated = np.array([np.nan if s.electricity is None else float(s.electricity) for s in stocks])
    for model, is_urban in SECTORS.items():
        chosen = np.flatnonzero(made.of("is_urban") == is_urban)
        if chosen.size:
            _share_out(made, chosen, totals_gj[model], stated, params)
    made.rows["service_trust"] = params[0]["service_trust_start"]
    sizes = float(params[0]["building_owner_log_sd"]), float(params[0]["building_audited_m2"])
    made.owners = open_owners(made.rows, kinds, *sizes)
    return made


def _total(totals_gj: dict[str, dict[str, float]], is_urban: bool) -> dict[str, float]:
    return totals_gj.get("urban_buildings" if is_urban else "rural_buildings", {})


def spread(total: float, weights: np.ndarray) -> np.ndarray:
    """Return a total spread by weights; nothing where all weights are 0."""
    whole = float(weights.sum())
    return total * weights / whole if whole > 0 else np.zeros(weights.size)


def _share_out(
    made: Buildings, chosen: np.ndarray, total: dict[str, float], stated: np.ndarray, params: np.ndarray
) -> None:
    """Give the kinds of one sector its energy: fuels by floor and intensity, power as stated, the rest likewise."""
    p, kinds, rows = params[0], made.kinds[chosen], made.rows
    floor = rows["start_m2"][chosen]
    efficiency = (p["coal_stove_efficiency"], p["biomass_stove_efficiency"], p["gas_heat_efficiency"])
    useful = np.zeros((chosen.size, N_HEATS))
    for (heat, carrier, column), eta in zip(_FUELS, efficiency, strict=True):
        final = spread(total.get(carrier, 0.0), floor * kinds[column])
        rows[f"{'gas' if heat == GAS else carrier}_gj"][chosen] = final
        useful[:, heat] = final * eta
    whole = useful.sum(axis=1)
    rows["useful_heat_gj"][chosen] = whole
    rows["heat_gj_per_m2"][chosen] = whole / floor
    made.heats[chosen] = np.where(whole[:, None] > 0, useful / np.where(whole > 0, whole, 1.0)[:, None], 0.0)
    rows["start_coal_share"][chosen] = made.heats[chosen, COAL]
    known = np.nan_to_num(stated[chosen])
    rest = spread(
        total.get("electricity", 0.0) - float(known.sum()),
        np.where(np.isnan(stated[chosen]), floor, 0.0) * kinds["electricity_kwh_per_m2"],
    )
    power = known + rest
    rows["electric_gj"][chosen], rows["power_gj_per_m2"][chosen] = power, power / floor
    if kinds["is_urban"].all():
        energy = sum(rows[f"{c}_gj"][chosen] for c in ("coal", "biomass", "gas", "electric"))
        start = float(p["renewable_heat_start_share"])
        rows["collector_gj"][chosen] = rows["renewable_gj"][chosen] = energy * start / (1.0 - start)


def follow_people(buildings: Buildings, people_index: dict[str, float]) -> None:
    """Write how many people each kind serves relative to the base year."""
    for k, people in enumerate(buildings.kinds["people"]):
        buildings.rows["people_index"][k] = people_index[PEOPLE[people]]


def switch_bill(buildings: Buildings, params: np.ndarray) -> tuple[float, float]:
    """Return the stoves that money would replace this year, kW, and what that would cost, CNY (L33)."""
    year = buildings.year[0]
    if year["switch_cny_per_kw"] <= 0 or year["year"] >= year["ban_year"]:
        return 0.0, 0.0
    coal = float((buildings.rows["useful_heat_gj"] * buildings.heats[:, COAL]).sum())
    share = 1.0 - exp(-float(params[0]["coal_switch_per_100_cny"] * year["switch_cny_per_kw"]) / 100.0)
    kw = coal * share / 3.6e-3 / HEAT_HOURS
    return kw, kw * float(year["switch_cny_per_kw"])


def run_year(buildings: Buildings, params: np.ndarray) -> None:
    """Renew every kind of building for the year that ``buildings.year`` describes."""
    renew_buildings(buildings.floors, buildings.heats, buildings.rows, buildings.kinds, buildings.year, params)
