"""Generating units, substations and hydrology of a place and its province: the tables behind the dispatch (SM12)."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from transition_sim.core.units import GJ_PER_TCE
from transition_sim.scenarios.spec import Name, PlaceSpec, PowerUnit

PLACE, PROVINCE = 0, 1
RENEWABLE = ("hydro", "pv", "wind", "biomass")
FUEL_OF_KIND = {"coal": "coal", "gas": "natural_gas"}
OM_PARAMETER = {"coal": "coal_om_cny_per_mwh", "gas": "gas_om_cny_per_mwh", "biomass": "biomass_marginal_cny_per_mwh"}
"""Parameter of operation and maintenance that varies with output; none for the other kinds."""
ROOF_PV = "roof_pv"
"""Id of the unit that stands for all roofs of enterprises."""
HOURS_PER_YEAR = 8760.0


@dataclass
class PowerQuarter:
    """What the dispatch of a quarter gave; MWh over the quarter unless said."""

    generation_mwh: np.ndarray
    delivered_mwh: float = 0.0
    unserved_mwh: float = 0.0
    curtailed_mwh: float = 0.0
    exported_mwh: float = 0.0
    imported_mwh: float = 0.0
    peak_load_mw: float = 0.0
    demand_response_mw: float = 0.0
    demand_response_mwh: float = 0.0
    value_cny_per_mwh: float = 0.0
    local_tco2: float = 0.0
    local_generation_mwh: float = 0.0
    province_tco2_per_mwh: float = 0.0
    province_clean_share: float = 0.0
    roof_pv_mwh: float = 0.0
    total_tco2: float = 0.0


@dataclass
class PowerSystem:
    """Rows are generating units; arrays change with growth and retrofit.

    Attributes
    ----------
    ids, kinds : list of str
    unit_mw : ndarray
        Size of one machine of the block.
    node : ndarray of i8
        0 in the place, 1 in the province.
    start_mw, capacity_mw : ndarray
        Capacity in the base year and this quarter.
    heat_rate_gj_per_mwh, start_heat_rate_gj_per_mwh, min_load_share, availability, growth_per_year : ndarray
    open_share : ndarray
        Share of output open to green-power trading.
    tco2_per_mwh : ndarray
    operated_share : ndarray
        Of the heat rate, saved by better operation under a carbon price.
    log_hydrology : float
        State of the hydrological process; exp of it multiplies every river's inflow.
    river_share : ndarray, shape (3,)
        Inflow by month of the quarter over its mean: exp of the state, or what a shock says.
    """

    ids: list[str]
    names: list[tuple[str, str]]
    kinds: list[str]
    unit_mw: np.ndarray
    node: np.ndarray
    start_mw: np.ndarray
    capacity_mw: np.ndarray
    start_heat_rate_gj_per_mwh: np.ndarray
    heat_rate_gj_per_mwh: np.ndarray
    operated_share: np.ndarray
    min_load_share: np.ndarray
    availability: np.ndarray
    growth_per_year: np.ndarray
    open_share: np.ndarray
    variable_om_cny_per_mwh: np.ndarray
    fuel: np.ndarray
    tco2_per_gj: np.ndarray
    is_renewable: np.ndarray
    import_limit: list[tuple[int, float]]
    province_load_mwh: float
    province_growth_percent: list[tuple[int, float]]
    export_mwh: float
    loss_share: float
    start_factor_tco2_per_mwh: float
    roof_yield_mwh_per_mw: float
    base_year: int
    retrofit_index: float = 0.0
    log_hydrology: float = 0.0
    river_share: np.ndarray = field(default_factory=lambda: np.ones(3))
    tariff_base_value_cny_per_mwh: float = 0.0
    start_province_tco2_per_mwh: float = 0.0
    values_cny_per_mwh: list[float] = field(default_factory=list)
    factors_tco2_per_mwh: list[tuple[float, float]] = field(default_factory=list)
    quarter: PowerQuarter = field(default_factory=lambda: PowerQuarter(np.zeros(0)))

    @property
    def tco2_per_mwh(self) -> np.ndarray:
        """Emission factor of generation, tCO2/MWh."""
        return self.heat_rate_gj_per_mwh * self.tco2_per_gj

    @cached_property
    def is_local(self) -> np.ndarray:
        """Units inside the place, which stay there, ndarray of bool."""
        return self.node == PLACE

    @cached_property
    def is_local_coal(self) -> np.ndarray:
        return self.is_local & (np.array(self.kinds) == "coal")

    @cached_property
    def local_groups(self) -> np.ndarray:
        """Return 1 for local units of coal, hydro, other plants (the last unit stands for roofs), and any that weather
        drives, shape (4, U)."""
        kinds, is_plant = np.array(self.kinds), np.arange(len(self.kinds)) < len(self.kinds) - 1
        is_other = is_plant & ~np.isin(kinds, ("coal", "hydro"))
        groups = np.stack([kinds == "coal", kinds == "hydro", is_other, np.isin(kinds, ("hydro", "pv", "wind"))])
        return (groups & self.is_local).astype(float)

    def grow(self, decimal_year: float) -> None:
        """Set the capacities of a moment: single plants stay, provincial rows grow at their rate."""
        years = decimal_year - self.base_year
        self.capacity_mw = self.start_mw * (1.0 + self.growth_per_year) ** years

    def apply_retrofit(self, index: float, coal_saving_gce_per_kwh: float, min_load: float, flexible: float) -> float:
        """Retrofit the local coal units up to a share (L50) and return the newly retrofitted capacity, MW.

        Parameters
        ----------
        index : float
            Share of the local coal capacity that is retrofitted; never falls.
        coal_saving_gce_per_kwh : float
            Saving of a retrofitted unit, gce/kWh.
        min_load, flexible : float
            Minimum load as a share of capacity, before and after.
        """
        index = max(index, self.retrofit_index)
        local_coal = self.is_local_coal
        saving = coal_saving_gce_per_kwh / 1e3 * GJ_PER_TCE
        new = (index - self.retrofit_index) * float(self.start_mw[local_coal].sum())
        new_gj_per_mwh = self.start_heat_rate_gj_per_mwh[local_coal] - index * saving
        self.heat_rate_gj_per_mwh[local_coal] = new_gj_per_mwh * (1.0 - self.operated_share[local_coal])
        self.min_load_share[local_coal] = min_load + index * (flexible - min_load)
        self.retrofit_index = index
        return new

    def run_better(self, share: np.ndarray) -> None:
        """Lower the heat rates of units by what better operation gains at a carbon price (SM15, P13).

        Parameters
        ----------
        share : ndarray
            Of the heat rate, by unit; replaces what was gained before.
        """
        self.heat_rate_gj_per_mwh = self.heat_rate_gj_per_mwh / (1.0 - self.operated_share) * (1.0 - share)
        self.operated_share = share

    def firm_mw(self, year: int) -> float:
        """Return what the place can count on, MW: its thermal units and the substations into it."""
        thermal = float((self.capacity_mw * self.availability)[self.is_local & (self.fuel >= 0)].sum())
        return thermal + self.import_limit_mw(year)

    def import_limit_mw(self, year: int) -> float:
        """Substation capacity into the place, MW: stepwise by year."""
        reached = self.import_limit[0][1]
        for first, limit in self.import_limit:
            reached = limit if first <= year else reached
        return reached

    def province_factor(self) -> float:
        """Location-based factor, tCO2/MWh: the published one of the base year moved by the dispatched mix.

        The dispatched mix of the last four quarters against the four quarters before the start: the official factor
        is an annual consumption-side average, and a single wet quarter must not move it.
        """
        tonnes = mwh = 0.0
        for quarter_tco2, quarter_mwh in self.factors_tco2_per_mwh[-4:]:
            tonnes += quarter_tco2
            mwh += quarter_mwh
        if mwh <= 0 or self.start_province_tco2_per_mwh <= 0:
            return self.start_factor_tco2_per_mwh
        return self.start_factor_tco2_per_mwh * (tonnes / mwh) / self.start_province_tco2_per_mwh


def build_power_system(
    place: PlaceSpec, carrier_ids: list[str], carrier_tco2_per_gj: np.ndarray, params: np.ndarray,
    pv_profile: np.ndarray,
) -> PowerSystem:  # fmt: skip
    """Return the power system of a place in its base year; its last unit stands for the roofs of enterprises.

    Parameters
    ----------
    place : PlaceSpec
    carrier_ids : list of str
    carrier_tco2_per_gj : ndarray, shape (n_carriers,)
    params : structured array, shape (1,)
    pv_profile : ndarray, shape (12, 8)
        Capacity factors of PV: the availability of roofs scales them to the yield of the place.
    """
    name = Name(en="Rooftop PV of enterprises", zh="企业屋顶光伏")
    share = float(place.power.roof_pv_yield) / (HOURS_PER_YEAR * float(pv_profile.mean()))
    roofs = PowerUnit.model_construct(
        id=ROOF_PV, name=name, kind="pv", node="place", capacity=0.0, unit_size=None, heat_rate=None,
        annual_growth_percent=0.0, availability=share, legacy_feed_in_share=1.0,
    )  # fmt: skip
    units = [*place.power.units, roofs]
    fuel = np.array([carrier_ids.index(FUEL_OF_KIND[u.kind]) if u.kind in FUEL_OF_KIND else -1 for u in units])
    heat_rate = np.array([float(u.heat_rate) if u.heat_rate is not None else 0.0 for u in units])
    thermal_without = [u.id for u, f, h in zip(units, fuel, heat_rate, strict=True) if f >= 0 and h <= 0]
    if thermal_without:
        raise ValueError(f"thermal units need a heat rate: {', '.join(thermal_without)}")
    capacity = np.array([float(u.capacity) for u in units])
    return PowerSystem(
        ids=[u.id for u in units],
        names=[(u.name.en, u.name.zh) for u in units],
        kinds=[u.kind for u in units],
        unit_mw=np.array([float(u.capacity if u.unit_size is None else u.unit_size) for u in units]),
        node=np.array([PLACE if u.node == "place" else PROVINCE for u in units]),
        start_mw=capacity,
        capacity_mw=capacity.copy(),
        start_heat_rate_gj_per_mwh=heat_rate,
        heat_rate_gj_per_mwh=heat_rate.copy(),
        operated_share=np.zeros(len(units)),
        min_load_share=np.zeros(len(units)),
        availability=np.array([u.availability for u in units]),
        growth_per_year=np.array([u.annual_growth_percent / 100.0 for u in units]),
        open_share=np.array([1.0 - u.legacy_feed_in_share for u in units]),
        variable_om_cny_per_mwh=np.array([_om_cny_per_mwh(u.kind, params) for u in units]),
        fuel=fuel,
        tco2_per_gj=np.where(fuel >= 0, carrier_tco2_per_gj[fuel], 0.0),
        is_renewable=np.array([u.kind in RENEWABLE for u in units]),
        import_limit=list(place.power.import_limit),
        province_load_mwh=float(place.power.province_load),
        province_growth_percent=list(place.power.province_load_growth_percent),
        export_mwh=float(place.power.export),
        loss_share=place.power.loss_share,
        start_factor_tco2_per_mwh=float(place.power.province_factor),
        roof_yield_mwh_per_mw=float(place.power.roof_pv_yield),
        base_year=place.base_year,
    )


def _om_cny_per_mwh(kind: str, params: np.ndarray) -> float:
    return float(params[0][OM_PARAMETER[kind]]) if kind in OM_PARAMETER else 0.0
