"""Monotonic responses M11-M26 with common random numbers, and what must not respond at all (5.3)."""

from dataclasses import replace

import numpy as np
import pytest
from paired_runs import (
    LARGE_BUDGET,
    adoption,
    assert_falls,
    assert_rises,
    last,
    levers,
    models,
    paired,
    runs,
    setting,
    total,
    users,
)

import transition_sim as ts
from transition_sim.build import build_world
from transition_sim.model import TransitionModel
from transition_sim.quarter import account, city, exogenous, green_power, power, symbiosis
from transition_sim.quarter import production as plan
from transition_sim.scenarios import registry
from transition_sim.scenarios.table_reader import package_data
from transition_sim.world.adoption import Neighbours
from transition_sim.world.state import NO_DEADLINE

TECHNOLOGIES, SERVICES = list(registry.technology_ids()), list(registry.service_ids())


# --- M11 grid factor ------------------------------------------------------------------------------------------------


def test_m11_a_cleaner_grid_less_scope_2_and_more_electricity():
    """Twice the growth of hydropower and none of coal in the province from 2021 on: power is also cheaper."""
    clean = (
        "place.power.units.province_hydro.annual_growth_percent=7",
        "place.power.units.province_coal_best.annual_growth_percent=0",
    )
    low, high = runs(), runs(sets=clean)
    assert_falls(paired(low, high, last("grid_tco2_per_mwh")))
    assert_falls(paired(low, high, total("scope2_location_tco2")))

    def electrification(run: ts.RunResult) -> float:
        year = run.annual.iloc[-1]
        return float(0.1229 * year["electricity_mwh"] / year["energy_calorific_tce"])

    assert_rises(paired(low, high, electrification))


# --- M12 attention --------------------------------------------------------------------------------------------------


def test_m12_more_audits_spread_equipment_earlier_and_to_the_same_share():
    """Control of buildings and battery vehicles, which end near all who could within the horizon: after two years more
    have them, after fifteen as many, within two points.

    Others end higher under audits: an audit also raises capability, which opens roofs, drives and heat pumps to more.
    """
    low, high = (
        runs(levers(audits_per_year=n), sets=LARGE_BUDGET, end_year=2034, place="electronics_park")
        for n in (0.0, 200.0)
    )
    for technology in ("hvac_control", "intra_battery"):
        assert_rises(paired(low, high, lambda run, k=technology: adoption(run, k)[8]))
        final = paired(low, high, lambda run, k=technology: adoption(run, k)[-1])
        assert abs(final.mean()) < 0.02
    assert_rises(paired(low, high, lambda run: users(run, run.labels["green_technologies"])[8]))


# --- M13 peers ------------------------------------------------------------------------------------------------------


def test_m13_peers_make_the_curve_steeper_and_parks_more_different():
    """Roofs of six counties, at the start of their curve until 2025; peers are park neighbours alone, weight 0 or 1.5.

    Without peers adoption grows evenly; with them faster the more there is, so that early counties run ahead.
    """
    asked = ts.load_scenario("guangan_city", end_year=2025)
    near = {"peer_weight_park": 1.0, "peer_weight_graph": 0.0, "peer_weight_national": 0.0}
    low, high = (models(asked, setting(hazard_peer_per_year=w, **near)) for w in (0.0, 1.5))

    def steepest_year(found) -> float:
        share = adoption(found[0], "roof_pv")
        return float((share[4:] - share[:-4]).max())

    def late_over_early(found) -> float:
        share = adoption(found[0], "roof_pv")
        return float((share[23] - share[12]) / (share[12] - share[0]))

    def spread(found) -> float:
        known = found[1].adoption
        k, u = TECHNOLOGIES.index("roof_pv"), SERVICES.index("ROOFPV")
        return float((known.users[:, k] / known.holders[:, u]).std())

    for measure in (steepest_year, late_over_early, spread):
        assert_rises(paired(low, high, measure))


# --- M17 demand -----------------------------------------------------------------------------------------------------


def test_m17_faster_growth_a_later_and_higher_peak():
    """Demand of every sector 4 % a year slower, against the default growth."""

    def slower(world) -> None:
        years = np.arange(world.demand.growth.shape[0])[:, None] / 4.0
        world.demand.growth = world.demand.growth * 0.96**years

    asked = ts.load_scenario("chem_park")
    low, high = ([run for run, _ in models(asked, change)] for change in (slower, None))
    assert_rises(paired(low, high, lambda run: run.peak("dual_control").peak_year))
    assert_rises(paired(low, high, lambda run: run.annual["dual_control_tco2"].max()))


# --- M18 accountability ---------------------------------------------------------------------------------------------


def test_m18_accountability_better_scores_and_a_rush_at_the_end_of_the_plan():
    """A city that misses its targets: nothing but assessment weighs on it. The plan ends with 2025."""
    low, high = (runs(levers(assessment_weight=0.2, accountability=a), end_year=2026) for a in (0.0, 1.0))
    assert max(np.nanmean(run.annual["assessment_score"]) for run in low) < 1.0
    assert_rises(paired(low, high, lambda run: float(np.nanmean(run.annual["assessment_score"]))))
    assert_falls(
        paired(low, high, lambda run: run.annual["dual_control_tco2"][2025] / run.annual["gdp_cny"][2025] * 1e9)
    )
    for name in ("decisions", "orders"):
        assert_rises(paired(low, high, lambda run, n=name: run.annual[n][2025] / run.annual[n][[2023, 2024]].mean()))


# --- M19 buyers -----------------------------------------------------------------------------------------------------


def committed_buyers(world) -> np.ndarray:
    """Return every tenth enterprise that buys from others: those who are to ask for green products."""
    return np.flatnonzero(np.diff(world.state.graph.supplier_start) > 0)[::10]


def test_m19_buyers_who_ask_for_green_goods_move_their_suppliers_and_nobody_else():
    """Pressure rises for suppliers of the committed and for no other; three years on their suppliers adopt more."""
    asked = ts.load_scenario("guangan_city", end_year=2023)
    quiet = {name: 0.0 for name in registry.parameters() if name.startswith("commit_hazard")}

    def asking(world) -> None:
        setting(**quiet)(world)
        world.state["conduct"]["is_committed"][committed_buyers(world)] = True

    low, high = models(asked, setting(**quiet)), models(asked, asking)
    world = high[0][1]
    graph = world.state.graph
    buyers = committed_buyers(world)
    is_supplier = np.zeros(world.state.n_enterprises, bool)
    for b in buyers.tolist():
        is_supplier[graph.supplier[graph.supplier_start[b] : graph.supplier_start[b + 1]]] = True
    is_supplier[buyers] = False
    others = ~is_supplier
    others[buyers] = False
    assert is_supplier.sum() > 50
    assert others.sum() > 50
    assert_rises(paired(low, high, lambda found: found[1].state["conduct"]["buyer_pressure"][is_supplier].mean()))
    same = paired(low, high, lambda found: np.abs(found[1].state["conduct"]["buyer_pressure"][others]).mean())
    assert np.abs(same).max() < 1e-3

    green = np.isin(TECHNOLOGIES, low[0][0].labels["green_technologies"])

    def adopted(rows: np.ndarray):
        """Return green equipment in use per enterprise of the rows."""

        def of(found) -> float:
            used = found[1].adoption.technology[rows]
            return float((green[np.maximum(used, 0)] & (used >= 0)).sum() / rows.sum())

        return of

    gain, side = paired(low, high, adopted(is_supplier)), paired(low, high, adopted(others))
    assert_rises(gain)
    assert abs(side.mean()) < 0.25 * gain.mean()


# --- M20 symbiosis --------------------------------------------------------------------------------------------------


def test_m20_more_trust_more_links():
    """Platforms in none and in all of the parks, with the same programme for solid waste."""
    low, high = (runs(levers(circular_park_share=c, solid_waste_use_share=0.3), end_year=2023) for c in (0.0, 1.0))
    assert_rises(paired(low, high, last("by_product_links")))
    assert_rises(paired(low, high, total("solid_waste_used_t")))


def test_m20_a_higher_landfill_charge_more_links():
    """Half a programme with a charge of 0 and of 100 CNY/t at its full strength: solid waste finds more takers."""
    on = levers(circular_park_share=0.5, solid_waste_use_share=0.5)
    low, high = (runs(on, (("landfill_charge_full_cny_per_t", charge),), end_year=2023) for charge in (0.0, 100.0))
    assert_rises(paired(low, high, last("by_product_links")))
    assert_rises(paired(low, high, total("solid_waste_used_t")))


# --- M22 learning ---------------------------------------------------------------------------------------------------


def test_m22_faster_learning_cheaper_equipment_and_more_of_it():
    """Learning rates of all technologies 30 % lower and 30 % higher."""

    def learning(factor: float):
        def change(world) -> None:
            technologies = world.reference.technologies.copy()
            technologies["learning_share"] *= factor
            technologies.flags.writeable = False
            world.reference = replace(world.reference, technologies=technologies)

        return change

    asked = ts.load_scenario("electronics_park", end_year=2030)
    low, high = ([run for run, _ in models(asked, learning(factor))] for factor in (0.7, 1.3))
    for technology in ("roof_pv", "storage_li", "steam_heat_pump"):
        rows = [run.technology["technology"] == technology for run in (low[0], high[0])]
        costs = [
            run.technology["capex_index"][is_row].iloc[-1] for run, is_row in zip((low[0], high[0]), rows, strict=True)
        ]
        assert costs[1] < costs[0] < 1.0
    assert_rises(paired(low, high, last("roof_pv_mw")))
    assert_rises(paired(low, high, lambda run: adoption(run, "roof_pv")[-1]))


# --- M23 stationary state -------------------------------------------------------------------------------------------


def at_rest(world) -> None:
    """Hold all that moves by itself: demand, weather, age, attention, experience, habits, conventions, insolvency."""
    still = ("demand_noise_sd_share", "hydro_sd_share", "housekeeping_per_year", "capability_growth_per_year")
    setting(**dict.fromkeys(still, 0.0))(world)
    setting(**{n: 0.0 for n in registry.parameters() if n.startswith(("hazard_", "commit_hazard"))})(world)
    setting(default_quarters=1e6, interest_cover_quarters=1e6)(world)
    setting(tce_per_mwh_coal_2025=float(world.params[0]["tce_per_mwh_coal_2020"]))(world)
    world.demand.growth[:] = 1.0
    world.rest_value_added_cny[:] = world.rest_value_added_cny[0]
    world.province_level[:] = 1.0
    world.power.growth_per_year[:] = 0.0
    rules, growth = world.constants.rules.copy(), np.zeros_like(world.constants.national_growth)
    rules["housekeeping_per_year"] = 0.0
    world.constants = replace(world.constants, national_growth=growth, rules=rules)
    world.state.assets["dies_quarter"] = NO_DEADLINE


@pytest.mark.parametrize("place", ["chem_park", "yibin_east_park", "cement_county"])
def test_m23_nothing_moves_where_nothing_drives_it(place):
    """Neutral levers, constant demand, no ageing: enterprises drift by less than .1 % a year, after the first."""
    world = build_world(ts.load_scenario(place, end_year=2030), seed=1, keep_agents=False, keep_decisions=False)
    world.params = world.params.copy()
    at_rest(world)
    result = TransitionModel(world).run()
    assert result.annual["defaults"].sum() == 0.0
    sectors = result.by_year("sector").groupby("year").sum(numeric_only=True)
    for name in ("output_cny", "value_added_cny", "scope1_tco2", "electricity_mwh", "energy_coal_equivalent_tce"):
        found = sectors[name].to_numpy()[1:]
        drift = np.diff(found) / found[:-1]
        assert np.abs(drift).max() < 1e-3, (name, drift)


# --- M24 scale ------------------------------------------------------------------------------------------------------


def test_m24_twice_as_many_enterprises_of_half_the_size_make_the_same_city():
    """The city with every enterprise twice: totals of four years within 1 %, over the mean of five seeds.

    Each has twice as many neighbours, of whom each counts half: peers are shares. Scope 2 is left out: a few works
    buy most of the steam, and whether one of them leaves the network moves it by several per cent.
    """
    asked = ts.load_scenario("guangan_city", end_year=2023)
    sums = {}
    for times in (1, 2):
        found = [TransitionModel(build_world(asked, seed, False, False, times)).run().place for seed in range(1, 6)]
        sums[times] = sum(place.select_dtypes("number").sum() for place in found)
    for name in (
        "output_cny", "gdp_cny", "energy_coal_equivalent_tce", "electricity_mwh", "territorial_tco2",
        "dual_control_tco2",
    ):  # fmt: skip
        assert sums[2][name] == pytest.approx(sums[1][name], rel=0.01), name


# --- M25 units ------------------------------------------------------------------------------------------------------

OTHER_UNITS = (
    ("1 bn CNY/yr", "100000 万元/年"), ("100 M CNY/yr", "10000 10k CNY/yr"), ("300 M CNY/yr", "3 亿元/年"),
    ("30 GWh/yr", "108 TJ/yr"), ("10 GWh/yr", "10000 MWh/yr"), ("600 TJ/yr", "600000 GJ/yr"),
    ("300 kt/yr", "300000 t/yr"), ("10 MW", "10000 kW"), ("1 TWh/yr", "1000 GWh/yr"), ("5 MW", "0.005 GW"),
)  # fmt: skip


def test_m25_the_same_place_in_other_units_gives_the_same_bytes(tmp_path):
    """GJ for MWh, 10 thousand yuan for yuan, kilowatts for megawatts: every table of the run is the same."""
    source = package_data().parent / "library" / "places" / "minimal.yaml"
    text = source.read_text("utf-8")
    for unit, other in OTHER_UNITS:
        assert f"value: {unit}," in text, unit
        text = text.replace(f"value: {unit},", f"value: {other},")
    place = tmp_path / "minimal.yaml"
    place.write_text(text, "utf-8")
    plain, other = (ts.run(ts.load_scenario(p, end_year=2022), seed=1) for p in ("minimal", place))
    for name, table in plain.tables().items():
        assert table.equals(other.tables()[name]), name


# --- M26 the graph --------------------------------------------------------------------------------------------------


def without_graph(world):
    """Return a copy of a world in which nobody supplies anybody: all inputs come from outside."""
    cut = world.copy()
    graph, constants = world.state.graph, world.constants
    cut.state.graph = replace(
        graph, supplier_start=np.zeros_like(graph.supplier_start), buyer_start=np.zeros_like(graph.buyer_start),
        **{name: getattr(graph, name)[:0] for name in ("supplier", "weight", "distance_km", "buyer")},
    )  # fmt: skip
    cut.constants = replace(
        constants, supplier_input=constants.supplier_input[:0], buyer_input=constants.buyer_input[:0],
        local_input=np.zeros_like(constants.local_input), near=Neighbours.of(constants.county, cut.state.graph),
    )  # fmt: skip
    return cut


def supply(world, production=None) -> np.ndarray:
    """Run a quarter in which nobody decides as far as emissions; return what SM02 planned, or take it as given."""
    world.frozen = True
    exogenous.open_quarter(world)
    plan.plan(world)
    planned = world.state["production"]
    if production is not None:
        planned[:] = production
    taken = planned.copy()
    for phase in (city.live, symbiosis.exchange, power.use_and_supply, plan.deliver, green_power.trade):
        phase(world)
    account.emissions(world)
    return taken


def test_m26_without_the_graph_orders_and_scope_3_change_and_nothing_else():
    """Orders (SM02) and embodied emissions are others; at the same output every other figure is the same, bit by bit.

    Nobody decides here, so that peers and buyers (SM07), who read the graph as well, stay out of it.
    """
    whole = build_world(ts.load_scenario("guangan_city", end_year=2020), seed=1, keep_agents=False)
    cut = without_graph(whole)
    planned = supply(whole)
    orders = without_graph(whole)
    assert abs(supply(orders)["output_cny"].sum() / planned["output_cny"].sum() - 1.0) > 0.05
    supply(cut, planned)
    energy, after = whole.state["energy"], cut.state["energy"]
    moved = {name for name in energy.dtype.names if not np.array_equal(energy[name], after[name])}
    assert moved == {"scope3_upstream_tco2"}
    assert np.array_equal(whole.state.fuel_gj, cut.state.fuel_gj)
    assert whole.notes.inventory == cut.notes.inventory
    for name, value in vars(whole.power.quarter).items():
        assert np.array_equal(value, getattr(cut.power.quarter, name)), name
