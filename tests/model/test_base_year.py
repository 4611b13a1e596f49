"""The gate of the base year: a place whose equations miss its published totals does not start (4.1 step 10)."""

import pytest

import transition_sim as ts
from transition_sim.build import base_year_balance, build_world, spun_up_world


def parts_mt(world) -> dict[str, float]:
    """Return the CO2 of the base year by part, Mt."""
    year = world.base_year[-4:]
    total = {key: sum(row[key] for row in year) / 1e6 for key in year[0] if key.endswith("_tco2")}
    return {
        "fuel of enterprises": total["enterprise_scope1_tco2"] - total["process_tco2"] + total["captured_tco2"],
        "processes": total["process_tco2"],
        "captured": -total["captured_tco2"],
        "other sectors": total["city_tco2"],
        "power plants": total["power_tco2"],
    }


def test_guangan_meets_the_totals_of_its_base_year():
    world = build_world(ts.load_scenario("guangan_city"))
    parts = parts_mt(world)
    print(*(f"{name}: {value:.3f} Mt" for name, value in parts.items()), f"sum: {sum(parts.values()):.3f} Mt", sep="\n")
    # sums of the bottom-up balance at the head of the place file, Mt
    want = {"fuel of enterprises": 2.864, "processes": 2.098, "captured": 0.0}
    want |= {"other sectors": 3.495, "power plants": 7.027}
    for name, value in want.items():
        assert parts[name] == pytest.approx(value, rel=0.05, abs=1e-9), name
    assert sum(parts.values()) == pytest.approx(15.5, rel=0.05)
    for model, published, tolerance, _ in base_year_balance(world).values():
        assert abs(model / published - 1.0) <= tolerance / 100.0


def test_minimal_balance_by_hand():
    # see the head of minimal.yaml: enterprises burn coal 54 534 t, gas 25 TJ x 55.61 = 1 390.25 t, diesel 580.72 t;
    # calcination 96 300 t; other sectors gas 20 TJ x 55.61 = 1 112.2 t and petrol 679.1 t; coal unit 79 619.64 t.
    # The works prefer the better of their two kiln lines, which saves some of the fuel of the balance.
    parts = parts_mt(build_world(ts.load_scenario("minimal")))
    assert parts["fuel of enterprises"] == pytest.approx(0.05650497, rel=0.03)
    assert parts["processes"] == pytest.approx(0.0963, rel=0.01)
    assert parts["other sectors"] == pytest.approx(0.0017913, rel=1e-6)
    assert parts["power plants"] == pytest.approx(0.07961964, rel=0.02)


def test_a_changed_balance_is_refused_with_both_figures_and_the_gap():
    """Twice the coal: 600 TJ more x .09089 = 54 534 t, 23 % above the published 234 216 t."""
    rows = [
        {"carrier": c, "enterprises": e}
        for c, e in (
            ("coal", "1200 TJ/yr"), ("natural_gas", "25 TJ/yr"), ("diesel", "8 TJ/yr"), ("biomass", "2 TJ/yr"),
            ("heat", "4 TJ/yr"), ("electricity", "30 GWh/yr"),
        )
    ]  # fmt: skip
    scenario = ts.load_scenario("minimal", overlay={"place": {"energy_balance": rows}})
    with pytest.raises(ts.ScenarioError) as error:
        spun_up_world(scenario)
    message = str(error.value)
    assert "gate.co2" in message
    assert "the place states 234,216 tCO2" in message
    assert "allowed 5 %" in message
    gap = float(message.split("the place states 234,216 tCO2: ")[1].split(" %")[0])
    assert gap == pytest.approx(23.0, abs=1.5)
    model = float(message.split("the model gives ")[1].split(" tCO2")[0].replace(",", ""))
    assert model == pytest.approx(234_216 * (1 + gap / 100), rel=1e-3)
    # coal is energy, too; electricity is as it was
    assert "gate.energy" in message
    assert "gate.electricity" not in message


def test_a_gate_that_is_missed_names_all_its_totals_at_once():
    gate = {"co2": "300000 tCO2/yr", "energy": "50000 tce/yr", "electricity": "60000 MWh/yr"}
    scenario = ts.load_scenario("minimal", overlay={"place": {"gate": gate}})
    with pytest.raises(ts.ScenarioError) as error:
        spun_up_world(scenario)
    assert [f"gate.{name}" in str(error.value) for name in ("co2", "energy", "electricity")] == [True] * 3


def test_a_wider_tolerance_lets_the_place_start():
    gate = {"co2": "260000 tCO2/yr", "co2_tolerance_percent": 15.0}
    world = spun_up_world(ts.load_scenario("minimal", overlay={"place": {"gate": gate}}))
    assert world.quarter == 0
    assert not world.frozen


def test_a_run_starts_in_the_base_year_of_its_place():
    with pytest.raises(ts.ScenarioError, match="a run starts in the base year of its place, 2020"):
        build_world(ts.load_scenario("minimal", start_year=2022))


def test_the_start_does_not_depend_on_policy_and_is_never_shared():
    one, other = build_world(ts.load_scenario("minimal", "none")), build_world(ts.load_scenario("minimal", "ambitious"))
    for name in ("production", "finance", "energy"):
        assert (one.state[name] == other.state[name]).all()
    one.state["finance"]["cash_cny"][:] = 0.0
    assert other.state["finance"]["cash_cny"].min() > 0
    assert build_world(ts.load_scenario("minimal", "none")).state["finance"]["cash_cny"].min() > 0
