"""What may be bought, how much of it, and what it costs (SM06)."""

import pytest
from decision_makers import SECTORS, SERVICES, make_town, t

from transition_sim.agents.investment import GENERATION, MEASURE, SERVICE, STORAGE
from transition_sim.agents.options import (
    device_capacity,
    device_option,
    equipment_use,
    full_cost,
    is_feasible,
    keep_cost,
    measure_capacity,
    option_terms,
    output_per_capacity,
    roof_loss_cny_per_mwh,
    service_capacity,
    what_is_there,
)
from transition_sim.agents.outlook import Case, room_for_prices, see_case
from transition_sim.world.annuity import capital_recovery_factor

GAS_CNY = 64.0
COAL_TCO2, GAS_TCO2 = 0.09089, 0.05561


def case_with(**fields):
    """A service that needs 1,000 a quarter, has 4,400 a year of small coal boilers and may keep them."""
    usual = Case(
        kind=SERVICE, planned_unit=1000.0, slot_capacity=4400.0, host_capacity=0.0,
        main_technology=t("steam_coal_small"), has_live=True, is_short=False, may_keep=True, rate_per_year=0.15,
        years=12.0,
        recovery_per_year=0.0, carbon_cny_per_tco2=0.0, electricity_cny_per_mwh=600.0, midday_cny_per_mwh=620.0,
        storage_value_cny_per_mwh_day=700.0, process_tco2=0.0, roof_m2=20_000.0, midday_load_mw=2.0, peak_load_mw=2.0,
        valley_load_mw=1.0, roof_yield_mwh_per_mw=850.0,
    )  # fmt: skip
    case = usual._replace(**fields)
    return case._replace(recovery_per_year=capital_recovery_factor(case.rate_per_year, case.years))


def seen(town, s=0):
    room = room_for_prices(town.outlook.growth_per_year, town.params[0])
    case = see_case(
        s, town.slots, town.services, town.firms, town.outlook, town.site, town.quarter, room, town.params[0]
    )
    return case, room.cny_per_gj


FEASIBLE = {
    "first_year": 2000.0, "service": SERVICES.index("STEAM"), "sector": SECTORS.index("FOD"), "capability": 0.5,
    "year": 2024.0, "has_gas": True, "has_permit": True, "limit": 0.0,
}  # fmt: skip


def feasible(name, **changes):
    f = {**FEASIBLE, **changes}
    return is_feasible(
        make_town().technologies[t(name)], f["first_year"], f["service"], f["sector"], f["capability"], f["year"],
        f["has_gas"], f["has_permit"], f["limit"],
    )  # fmt: skip


def test_sm06_what_may_be_bought():
    assert feasible("steam_gas")
    assert not feasible("steam_gas", has_gas=False)
    assert feasible("steam_electric", has_gas=False)
    assert not feasible("steam_gas", service=SERVICES.index("MOTOR"))
    assert not feasible("steam_heat_pump", capability=0.29)
    assert feasible("steam_heat_pump", capability=0.30)
    assert not feasible("steam_gas", first_year=2025.0)
    assert feasible("steam_gas", first_year=2024.0)


def test_l57_coal_boilers_below_the_limit_are_not_sold():
    assert feasible("steam_coal_small", limit=34.9)
    assert not feasible("steam_coal_small", limit=35.0)
    assert feasible("steam_coal_cfb", limit=65.0)


def test_sm11_a_kiln_needs_its_sector_and_a_permit():
    kiln = {"service": SERVICES.index("CLINKER"), "sector": SECTORS.index("CEM")}
    assert feasible("nsp_5000", **kiln)
    assert not feasible("nsp_5000", **kiln, has_permit=False)
    assert not feasible("nsp_5000", service=SERVICES.index("CLINKER"))


def steam_with(*equipment):
    town = make_town()
    for name, capacity in equipment:
        town.equip(0, t(name), capacity)
    _, prices = seen(town)
    return town, prices


def test_sm06_use_of_a_slot_is_the_mean_over_capacity():
    """Coal 3000 (1.38889 GJ at 33) and gas 1000 (1.06952 GJ at 64), O&M .04 x 17.6768 and .03 x 12.8788."""
    town, prices = steam_with(("steam_coal_small", 3000.0), ("steam_gas", 1000.0))
    use, om = equipment_use(
        town.slots["first_asset"][0], town.assets, town.technologies, 0.0, prices, town.outlook.scope1_tco2_per_gj
    )
    coal, gas = 0.75 * 1.38889, 0.25 * 1.06952
    expected = (coal + gas, 0.75 * 0.02 + 0.25 * 0.01, 0.0, (coal * 33 + gas * 64) / (coal + gas))
    assert use[:4] == pytest.approx(expected)
    assert use[4] == pytest.approx((coal * COAL_TCO2 + gas * GAS_TCO2) / (coal + gas))
    assert om == pytest.approx(0.75 * 0.04 * 17.6768 + 0.25 * 0.03 * 12.8788)


def test_sm06_use_without_equipment_is_its_process_only():
    town, prices = steam_with(("steam_coal_small", 3000.0))
    town.assets["status"][0] = 2
    use, om = equipment_use(0, town.assets, town.technologies, 0.5, prices, town.outlook.scope1_tco2_per_gj)
    assert (use, om) == ((0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0), 0.0)
    nothing, _ = equipment_use(-1, town.assets, town.technologies, 0.5, prices, town.outlook.scope1_tco2_per_gj)
    assert nothing == use


def there_of(town, s):
    case, prices = seen(town, s)
    return what_is_there(
        s, town.slots, town.slot_start, town.assets, town.technologies, case.process_tco2, prices,
        town.outlook.scope1_tco2_per_gj,
    )  # fmt: skip


def test_sm06_a_measure_sees_its_host_with_the_other_measures():
    """A kiln with the heat retrofit: the slot of blending sees 3.16522 x .925926 GJ, the retrofit's own sees none."""
    town = make_town(1, ("CLINKER", "CLK_HEAT", "CLK_BLEND"), sector="CEM")
    town.equip(0, t("nsp_5000"), 4400.0)
    town.equip(1, t("clk_heat"), 4400.0)
    use, om = there_of(town, 2)
    assert use[:3] == pytest.approx((3.16522 * 0.925926, 0.216 * 0.916667, 0.535))
    assert om == 0.0
    assert there_of(town, 1)[0][:3] == pytest.approx((3.16522, 0.216, 0.535))
    assert there_of(town, 0)[0][:3] == pytest.approx((3.16522, 0.216, 0.535))


def test_sm06_sizes_of_converters():
    """Need 1.1 x 4000 = 4400. Enough: replace all; the same again is no option; too small: the gap 1400 is added
    with a headroom of .3 x 4400 = 1320 for growth."""
    p, coal, gas = make_town().params[0], t("steam_coal_small"), t("steam_gas")
    assert service_capacity(case_with(), gas, 1.0, 0.0, p) == (pytest.approx(4400.0), True)
    assert service_capacity(case_with(), coal, 1.0, 0.0, p) == (0.0, False)
    short = case_with(slot_capacity=3000.0, is_short=True, may_keep=False)
    assert service_capacity(short, coal, 1.0, 0.0, p) == (pytest.approx(2720.0), False)
    due = case_with(may_keep=False)
    assert service_capacity(due, coal, 1.0, 0.0, p) == (pytest.approx(4400.0), True)


def test_sm06_a_technology_for_a_part_of_the_demand_joins_what_stays():
    """Heat pumps: .4 x 4000 = 1600, less 500 that are there: 1100; 1500 there: 100 is below 10 % of .4 x 4400."""
    p, pump = make_town().params[0], t("steam_heat_pump")
    assert service_capacity(case_with(), pump, 0.4, 0.0, p) == (pytest.approx(1600.0), False)
    assert service_capacity(case_with(), pump, 0.4, 500.0, p) == (pytest.approx(1100.0), False)
    assert service_capacity(case_with(), pump, 0.4, 1500.0, p) == (0.0, False)
    dead = case_with(has_live=False, may_keep=False, slot_capacity=0.0)
    assert service_capacity(dead, pump, 0.4, 0.0, p) == (0.0, False)


def test_sm06_a_part_technology_fills_a_gap_within_its_part():
    """Gap 1400 within .4 x 4400 = 1760, so up to 1760 with headroom; with 500 there 1260 are left: no."""
    p, pump = make_town().params[0], t("steam_heat_pump")
    short = case_with(slot_capacity=3000.0, is_short=True, may_keep=False)
    assert service_capacity(short, pump, 0.4, 0.0, p) == (pytest.approx(1760.0), False)
    assert service_capacity(short, pump, 0.4, 500.0, p) == (0.0, False)


def test_sm06_sizes_of_measures():
    """The host's demand with reserve, 4400, at most the host; another replaces what is there, the same does not."""
    p, whr, mvr = make_town().params[0], t("stm_whr"), t("stm_mvr")
    empty = case_with(kind=MEASURE, host_capacity=9000.0, has_live=False, main_technology=-1, slot_capacity=0.0)
    assert measure_capacity(empty, whr, p) == (pytest.approx(4400.0), False)
    assert measure_capacity(empty._replace(host_capacity=4100.0), whr, p) == (4100.0, False)
    taken = empty._replace(has_live=True, main_technology=whr)
    assert measure_capacity(taken, whr, p) == (0.0, False)
    assert measure_capacity(taken, mvr, p) == (pytest.approx(4400.0), True)
    assert measure_capacity(empty._replace(host_capacity=0.0), whr, p)[0] == 0.0


def test_sm06_devices_are_added_up_to_their_target():
    """PV 1.8 MW: 1.0 there leaves .8; 1.7 leaves less than a tenth: none. Storage 2 h x (2.2 - 1) = 2.4 MWh."""
    p = make_town().params[0]
    roof = case_with(kind=GENERATION, slot_capacity=0.0)
    assert device_capacity(roof, False, p) == pytest.approx(1.8)
    assert device_capacity(roof, True, p) == pytest.approx(3.0)
    assert device_capacity(roof._replace(slot_capacity=1.0), False, p) == pytest.approx(0.8)
    assert device_capacity(roof._replace(slot_capacity=1.7), False, p) == 0.0
    assert device_capacity(case_with(kind=STORAGE, slot_capacity=0.0), False, p) == pytest.approx(2.4)
    assert device_capacity(roof._replace(midday_load_mw=0.0), False, p) == 0.0


def test_sm06_output_of_a_unit_of_capacity():
    """4000/4400; at most 1; 850 MWh a MW; two cycles on 330 days = 660 MWh a MWh."""
    p = make_town().params[0]
    assert output_per_capacity(case_with(), 4400.0, p) == pytest.approx(4000 / 4400)
    assert output_per_capacity(case_with(), 1000.0, p) == 1.0
    assert output_per_capacity(case_with(kind=GENERATION), 3.0, p) == 850.0
    assert output_per_capacity(case_with(kind=STORAGE), 3.0, p) == pytest.approx(660.0)


def test_a44_roof_pv_through_the_option():
    """25 years at 6 % (horizon 30): (3400 x .0782267 + 50)/850 = .3717 CNY/kWh."""
    town = make_town()
    roof = town.technologies[t("roof_pv")].copy()
    roof["om_share_per_year"] = 50 / 3400
    case = case_with(kind=GENERATION, rate_per_year=0.06, years=30.0)
    cost, capex, subsidy = full_cost(case, roof, 1.8, 3.4e6, 0.0, town.params[0], town.levers[0])
    assert cost / 1000 == pytest.approx(0.3717, abs=5e-5)
    assert (capex, subsidy) == (pytest.approx(1.8 * 3.4e6), 0.0)


def test_l01_l05_support_lowers_the_capital_of_green_equipment_only():
    """Pump: 141.414/(4000/4400 of 1600: 1) capital x CRF(15 %, 12 of 19 yr) = .184481; (1-.2)(1-.1) of it is paid."""
    town = make_town(levers={"capex_subsidy_share": 0.2, "tax_credit_share": 0.1})
    p, lever, bare = town.params[0], town.levers[0], make_town().levers[0]
    for name, paid_share in (("steam_heat_pump", 0.72), ("steam_coal_cfb", 1.0)):
        made = town.technologies[t(name)]
        plain, _, _ = full_cost(case_with(), made, 1600.0, 141.414, 0.0, p, bare)
        helped, _, share = full_cost(case_with(), made, 1600.0, 141.414, 0.0, p, lever)
        capital = 141.414 * capital_recovery_factor(0.15, 12)
        assert plain - helped == pytest.approx((1 - paid_share) * capital)
        assert share == (pytest.approx(0.2) if paid_share < 1 else 0.0)


def test_l24_storage_support_is_at_most_what_the_firm_pays():
    """100 CNY/kWh of 1,500: a fifteenth of the capital falls away; 5,000 CNY/kWh: all of it, O&M stays."""
    town, case = make_town(), case_with(kind=STORAGE)
    made, p = town.technologies[t("storage_li")], town.params[0]
    capital = 1.5e6 * capital_recovery_factor(0.15, 12) / 660
    om = 0.02 * 1.5e6 / 660
    for support, left in ((0.0, 1.0), (100.0, 14 / 15), (5000.0, 0.0)):
        lever = make_town(levers={"storage_support_cny_per_kwh": support}).levers[0]
        cost, _, _ = full_cost(case, made, 2.4, 1.5e6, 0.0, p, lever)
        assert cost == pytest.approx(left * capital + om)


def test_sm06_surplus_of_a_roof_misses_the_tariff():
    """3 MW against .9 x 2 MW: 60 % used; 40 % earns 250 instead of 620: .4 x 370 = 148; within the load nothing.

    With 1 MW on the roof the load leaves .8 of 2 MW: .6 x 370 = 222; with 2 MW there, all of it: 370.
    """
    p, case = make_town().params[0], case_with(kind=GENERATION, slot_capacity=0.0)
    assert roof_loss_cny_per_mwh(case, 3.0, p) == pytest.approx(148.0)
    assert roof_loss_cny_per_mwh(case, 1.8, p) == 0.0
    assert roof_loss_cny_per_mwh(case._replace(slot_capacity=1.0), 2.0, p) == pytest.approx(222.0)
    assert roof_loss_cny_per_mwh(case._replace(slot_capacity=2.0), 1.0, p) == pytest.approx(370.0)


def test_sm06_the_whole_roof_is_used_where_the_surplus_pays():
    """At 1 CNY/W: (1e6 x CRF(6 %, 25) + 15,000)/850 = 109.7 below 250: 3 MW with the loss of 148. At 3.4: 1.8 MW."""
    town = make_town()
    made, p, lever = town.technologies[t("roof_pv")], town.params[0], town.levers[0]
    case = case_with(kind=GENERATION, slot_capacity=0.0, rate_per_year=0.06, years=30.0)
    cost, capacity, capex, _, replaces = device_option(case, made, 1e6, p, lever)
    assert capacity == pytest.approx(3.0)
    assert cost == pytest.approx((78226.7 + 15_000) / 850 + 148.0, abs=0.01)
    assert (capex, replaces) == (pytest.approx(3e6), False)
    assert device_option(case, made, 3.4e6, p, lever)[1] == pytest.approx(1.8)
    assert device_option(case._replace(roof_m2=0.0), made, 3.4e6, p, lever)[1] == 0.0


def test_sm06_a_gas_boiler_by_hand():
    """12.8788 x 4400/4000 = 14.1667; x (CRF .184481 + .03) + 1.06952 x 64 + .01/3.6 x 600 = 3.0385 + 70.1159."""
    town, (case, prices) = make_town(), (case_with(), None)
    made = town.technologies[t("steam_gas")]
    cost, capacity, capex, subsidy, replaces = option_terms(
        case, made, t("steam_gas"), 0.0, 1.0, (0.0,) * 7, GAS_CNY, GAS_TCO2, town.params[0], town.levers[0]
    )
    assert cost == pytest.approx(14.16668 * (0.18448076 + 0.03) + 1.06952 * 64 + 0.01 / 3.6 * 600, abs=1e-4)
    assert (capacity, capex) == (pytest.approx(4400.0), pytest.approx(4400 * 12.8788))
    assert (subsidy, replaces, prices) == (0.0, True, None)


def test_sm17_experience_cheapens_the_capital_of_an_option():
    town, case = make_town(), case_with()
    made = town.technologies[t("steam_gas")]
    args = (0.0,) * 7, GAS_CNY, GAS_TCO2, town.params[0], town.levers[0]
    full = option_terms(case, made, t("steam_gas"), 0.0, 1.0, *args)
    half = option_terms(case, made, t("steam_gas"), 0.0, 0.5, *args)
    assert half[2] == pytest.approx(0.5 * full[2])
    assert full[0] - half[0] == pytest.approx(0.5 * 14.16668 * (0.18448076 + 0.03), abs=1e-4)


def test_sm06_a_carbon_price_costs_what_is_burnt():
    """Gas at 100 CNY/t: 1.06952 x .05561 x 100 = 5.9476 more."""
    town = make_town()
    made = town.technologies[t("steam_gas")]
    args = t("steam_gas"), 0.0, 1.0, (0.0,) * 7, GAS_CNY, GAS_TCO2, town.params[0], town.levers[0]
    free, paid = (option_terms(case_with(carbon_cny_per_tco2=c), made, *args)[0] for c in (0.0, 100.0))
    assert paid - free == pytest.approx(5.9476, abs=1e-4)


def kept(case, there=(0.0,) * 7, om=0.0):
    town = make_town()
    return keep_cost(case, there, om, town.technologies, seen(town)[1], town.outlook.scope1_tco2_per_gj, town.params[0])


def test_sm06_keeping_costs_energy_and_upkeep_only():
    """Coal boiler: 1.38889 x 33 + .02/3.6 x 600 + .04 x 17.6768 = 45.8334 + 3.3333 + .7071 = 49.8738."""
    town, _ = steam_with(("steam_coal_small", 4400.0))
    there, om = there_of(town, 0)
    assert kept(seen(town)[0], there, om) == pytest.approx(49.8738, abs=5e-5)


def test_sm06_keeping_a_roof_empty_costs_the_tariff_and_no_storage_its_earning():
    assert kept(case_with(kind=GENERATION)) == 620.0
    assert kept(case_with(kind=STORAGE)) == pytest.approx(350.0)


def test_sm06_keeping_a_measure_is_the_host_with_it():
    """2 GJ at 33 x .95 + O&M .02 x 8 = 62.86; without the measure 66."""
    host = (2.0, 0.0, 0.0, 33.0, 0.09, 0.0, 0.0)
    assert kept(case_with(kind=MEASURE, main_technology=t("stm_whr")), host) == pytest.approx(62.86)
    assert kept(case_with(kind=MEASURE, main_technology=-1), host) == pytest.approx(66.0)
