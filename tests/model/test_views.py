"""Agents are views of tables, and every table tells the same story: agents = sectors = counties = place."""

import mesa
import numpy as np
import pandas as pd
import pytest
from run_makers import digest, result, scenario

import transition_sim as ts
from transition_sim.agents.enterprise import Enterprise
from transition_sim.agents.financier import Bank, GreenFund
from transition_sim.agents.government import CityGovernment, CountyGovernment
from transition_sim.agents.utility import CoalPlant, GasSupplier, GridCompany, PowerPlant, RenewableGenerator
from transition_sim.world import columns as declared
from transition_sim.world.state import ENTERPRISE_TABLES

END = 2023
ROUNDING = 1e-9
SINGLE = 1e-6  # the table of agents is kept in single precision


@pytest.fixture(scope="module")
def city():
    """A model of the city that has run to its end under the current plan."""
    model = ts.build_model(scenario("guangan_city", "current", END), seed=1)
    model.run()
    return model


@pytest.fixture(scope="module")
def run(city):
    return city.result()


# --- agents --------------------------------------------------------------------------------------------------------


def test_every_kind_of_agent_is_there(city):
    kinds = set(city.agents_by_type)
    assert {Enterprise, GridCompany, CoalPlant, RenewableGenerator, GasSupplier, Bank, GreenFund} <= kinds
    assert {CityGovernment, CountyGovernment} <= kinds
    assert len(city.agents_by_type[Enterprise]) == city.world.state.n_enterprises == 800
    assert len(city.agents_by_type[CountyGovernment]) == 6
    assert all(isinstance(agent, mesa.Agent) for agent in city.agents)


@pytest.mark.parametrize("table", ENTERPRISE_TABLES)
def test_every_field_of_an_enterprise_is_its_row(city, table):
    agents = list(city.agents_by_type[Enterprise])
    rows = [agent.row for agent in agents]
    assert sorted(rows) == list(range(800))
    for field in ENTERPRISE_TABLES[table]:
        seen = np.array([getattr(agent, field.name) for agent in agents])
        assert np.array_equal(seen, city.world.state[table][field.name][rows], equal_nan=True), field.name


def test_a_view_shows_the_present_and_writes_nothing():
    """An agent looked up before a step shows what the step made; a made-up field is refused."""
    model = ts.build_model(scenario("minimal", "current"), seed=1)
    agent = model.enterprise(0)
    first = agent.output_cny
    model.step()
    assert agent.output_cny == model.world.state["production"]["output_cny"][0] != first
    with pytest.raises(AttributeError, match="no field 'happiness'"):
        _ = agent.happiness


def test_looking_at_agents_changes_nothing():
    """A run that is looked at every quarter equals one that nobody looks at."""
    model = ts.build_model(scenario("guangan_city", "current", 2022), seed=3)
    while model.quarter < model.world.clock.n_quarters:
        model.agents.select(lambda agent: isinstance(agent, Enterprise) and agent.is_alive)
        model.step()
    assert digest(model.result()) == digest(result("guangan_city", "current", 2022, 3))


def test_stepping_by_hand_equals_run():
    model = ts.build_model(scenario("minimal", "current", 2022), seed=3)
    for _ in range(12):
        model.step()
    assert digest(model.result()) == digest(result("minimal", "current", 2022, 3))
    with pytest.raises(StopIteration, match="2022Q4"):
        model.step()


def test_equipment_and_fuel_of_an_enterprise_are_its_assets(city):
    state, labels = city.world.state, city.world.labels
    for row in (0, 17, 400):
        agent = city.enterprise(row)
        assert agent.id == labels["enterprises"][row]
        assert sum(agent.fuel_gj.values()) == pytest.approx(state.fuel_gj[row].sum(), rel=ROUNDING)
        assert all(item["capacity_unit_per_year"] >= 0 for item in agent.equipment)
        used = state.assets[: state.n_assets]
        owner = state.slots["enterprise"][used["slot"]]
        assert len(agent.equipment) == int(((owner == row) & (used["status"] == 1)).sum())


def test_suppliers_are_those_of_the_graph(city):
    graph = city.world.state.graph
    for row in (3, 99):
        wanted = graph.supplier[graph.supplier_start[row] : graph.supplier_start[row + 1]]
        assert [agent.row for agent in city.enterprise(row).suppliers] == wanted.tolist()


def test_data_collector_of_mesa_works_on_the_model():
    """Model reporters and agent reporters give what the tables have."""
    model = ts.build_model(scenario("minimal", "current", 2021), seed=1)
    collector = mesa.DataCollector(
        model_reporters={"tco2": lambda m: float(m.world.state["energy"]["scope1_tco2"].sum())},
        agenttype_reporters={Enterprise: {"output": "output_cny", "sector": "sector_id"}},
    )
    for _ in range(8):
        model.step()
        collector.collect(model)
    run = model.result()
    by_quarter = collector.get_model_vars_dataframe()["tco2"].to_numpy()
    assert by_quarter == pytest.approx(run.place["enterprise_scope1_tco2"].to_numpy(), rel=ROUNDING)
    agents = collector.get_agenttype_vars_dataframe(Enterprise)
    assert len(agents) == 8 * 7
    total = agents.groupby(level="Step")["output"].sum().to_numpy()
    assert total == pytest.approx(run.place["output_cny"].to_numpy(), rel=ROUNDING)
    assert set(agents["sector"]) == {"CEM", "EQP", "FOD"}


def test_plain_agent_reporters_work_on_all_agents():
    """A reporter of all agents uses what all agents have."""
    model = ts.build_model(scenario("minimal"), seed=1)
    collector = mesa.DataCollector(agent_reporters={"kind": lambda agent: type(agent).__name__})
    model.step()
    collector.collect(model)
    kinds = collector.get_agent_vars_dataframe()["kind"].value_counts()
    assert kinds["Enterprise"] == 7
    assert kinds["Bank"] == 1


# --- institutions --------------------------------------------------------------------------------------------------


def test_b09_balance_sheets_of_banks_close(city):
    """loans + reserves = deposits + facility + capital; loans are debts of customers and energy service companies."""
    finance, contracts = city.world.state["finance"], city.world.energy_service.in_use
    for bank in city.agents_by_type[Bank]:
        sheet = bank.balance_sheet
        gap = sheet["loans_cny"] + sheet["reserves_cny"] - sheet["deposits_cny"] - sheet["facility_cny"]
        assert gap == pytest.approx(sheet["capital_cny"], rel=1e-10)
        mine = finance["bank"] == bank.bank
        under_contract = contracts["principal_cny"][contracts["bank"] == bank.bank].sum()
        assert sheet["loans_cny"] == pytest.approx(finance["debt_cny"][mine].sum() + under_contract, rel=ROUNDING)


def test_counties_and_plants_are_sums_of_the_tables(city, run):
    last = run.county[run.county["quarter"] == f"{END}Q4"].set_index("county")
    for county in city.agents_by_type[CountyGovernment]:
        assert county.scope1_tco2 == pytest.approx(last.loc[county.id, "scope1_tco2"], rel=ROUNDING)
        assert county.subsidy_cny == pytest.approx(last.loc[county.id, "subsidy_cny"], rel=ROUNDING)
    (government,) = city.agents_by_type[CityGovernment]
    assert government.budget_cny == run.place["budget_cny"].iloc[-1]
    planned = 100 + 50 * 3.75 / 5  # 100 in 2020 to 150 in 2025
    added = government.strengthened.get("offpeak_days", 0.0)
    assert government.levers["offpeak_days"] == pytest.approx(planned + added)
    capacity = sum(
        p.capacity_mw for p in city.agents if isinstance(p, PowerPlant) and city.world.power.node[p.unit] == 0
    )
    assert capacity == pytest.approx(city.world.power.capacity_mw[city.world.power.node == 0].sum(), rel=ROUNDING)


@pytest.mark.parametrize(("language", "word"), [("en", "because of"), ("zh", "触发原因")])
def test_enterprises_say_why(city, language, word):
    """As many sentences as logged decisions; they name the option chosen and its cost."""
    log = city.result().decisions
    for row in (0, 5):
        agent = city.enterprise(row)
        said = agent.why(language)
        assert len(said) == log.loc[log["enterprise"] == agent.id, "decision"].nunique()
        assert said
        for sentence in said:
            assert word in sentence
            assert "CNY/" in sentence
    english = " ".join(city.enterprise(0).why("en"))
    assert english.isascii()


def test_no_log_no_reasons():
    model = ts.build_model(scenario("minimal"), seed=1, keep_decisions=False)
    model.step()
    with pytest.raises(ValueError, match="keep_decisions=True"):
        model.enterprise(0).why()


# --- tables --------------------------------------------------------------------------------------------------------


def names(columns) -> set[str]:
    return {column.name for column in columns}


SAME_IN_PLACE = {"scope1_tco2": "enterprise_scope1_tco2"}
NOT_ADDED = {"price_index", "electricity_mwh", "energy_coal_equivalent_tce"}  # a mean; totals of the place add the city


@pytest.mark.parametrize("table", ["sector", "county"])
def test_sums_over_sectors_and_counties_are_the_place(run, table):
    frame, place = getattr(run, table), run.place
    shared = names(declared.SECTOR if table == "sector" else declared.COUNTY) - NOT_ADDED
    checked = set()
    for name in sorted(shared):
        total = SAME_IN_PLACE.get(name, name)
        if total in place:
            by_quarter = frame.groupby("quarter", sort=False)[name].sum().to_numpy()
            assert by_quarter == pytest.approx(place[total].to_numpy(), rel=ROUNDING, abs=1e-6), name
            checked.add(name)
    assert {
        "output_cny",
        "value_added_cny",
        "scope1_tco2",
        "scope2_location_tco2",
        "capex_cny",
        "subsidy_cny",
    } <= checked
    assert "enterprises" in checked
    assert len(frame) == len(place) * (12 if table == "sector" else 6)


def test_sectors_and_counties_add_up_to_the_same(run):
    """Also where the place has another total: power and energy of enterprises."""
    for name in sorted(names(declared.SECTOR) & names(declared.COUNTY) - {"price_index"}):
        one = run.sector.groupby("quarter", sort=False)[name].sum().to_numpy()
        other = run.county.groupby("quarter", sort=False)[name].sum().to_numpy()
        assert one == pytest.approx(other, rel=ROUNDING, abs=1e-6), name


def test_agents_add_up_to_sectors_counties_and_place(run):
    attributes = run.enterprises.set_index("enterprise")[["sector", "county"]]
    agents = run.agent.join(attributes, on="enterprise")
    for table, key in (("sector", "sector"), ("county", "county")):
        yearly = run.by_year(table).set_index(["year", key])
        mine = agents.groupby(["year", key])
        for name in sorted((names(declared.AGENT) & set(yearly.columns)) - {"price_index"}):
            total = mine[name].sum()
            wanted = yearly[name].loc[total.index]
            size = np.maximum(mine[name].apply(lambda v: v.abs().sum()).to_numpy(), 1.0)
            assert (np.abs(total.to_numpy() - wanted.to_numpy()) <= 20 * SINGLE * size).all(), (table, name)
    by_year = agents.groupby("year")
    for name, total in (("output_cny", "output_cny"), ("scope1_tco2", "enterprise_scope1_tco2"),
                        ("is_alive", "enterprises"),
                        ("claimed_mwh", "claimed_mwh"), ("scope3_upstream_tco2", "scope3_upstream_tco2")):  # fmt: skip
        assert by_year[name].sum().to_numpy() == pytest.approx(run.annual[total].to_numpy(), rel=20 * SINGLE), name


def test_the_year_is_its_quarters(run):
    """Flows are sums, stocks those of the fourth quarter, states means, the peak load the highest."""
    place, annual = run.place, run.annual
    quarters = place[place["year"] == 2022]
    assert len(quarters) == 4
    assert annual.loc[2022, "territorial_tco2"] == pytest.approx(quarters["territorial_tco2"].sum())
    assert annual.loc[2022, "loans_cny"] == quarters["loans_cny"].iloc[3]
    assert annual.loc[2022, "grid_tco2_per_mwh"] == pytest.approx(quarters["grid_tco2_per_mwh"].mean())
    assert annual.loc[2022, "peak_load_mw"] == quarters["peak_load_mw"].max()


def test_events_and_log_agree_with_the_place(run):
    events = run.events
    assert int((events["kind"] == "default").sum()) == int(run.place["defaults"].sum())
    short = events[events["kind"] == "shortage"].set_index("quarter")["amount"]
    unserved = run.place.set_index("quarter")["unserved_mwh"]
    assert short.to_dict() == pytest.approx(unserved[unserved > 0].to_dict())
    log = run.decisions.drop_duplicates("decision")
    assert (
        log.groupby("quarter").size().reindex(run.place["quarter"], fill_value=0).tolist()
        == run.place["decisions"].tolist()
    )
    placed = log[log["outcome"].isin(["ordered", "ordered_without_subsidy", "ordered_by_contract"])]
    assert (
        placed.groupby("quarter").size().reindex(run.place["quarter"], fill_value=0).tolist()
        == run.place["orders"].tolist()
    )
    by_contract = placed["outcome"] == "ordered_by_contract"
    net = placed["capex_cny"] - placed["subsidy_cny"]
    # owners of buildings take no decisions that are logged: what they sign comes on top
    in_works = run.place["contract_capex_cny"] - run.place["contract_building_capex_cny"]
    for booked, paid in ((run.place["capex_cny"], placed["capex_cny"][~by_contract]), (in_works, net[by_contract])):
        spent = paid.groupby(placed["quarter"]).sum().reindex(run.place["quarter"], fill_value=0.0)
        assert spent.to_numpy() == pytest.approx(booked.to_numpy(), rel=ROUNDING, abs=1e-3), booked.name


def test_technologies_count_what_enterprises_ordered(run):
    orders = run.technology.groupby("quarter", sort=False)["orders"].sum()
    assert orders.tolist() == run.place["orders"].tolist()
    roofs = run.technology[run.technology["technology"] == "roof_pv"]
    assert roofs["capacity_unit_per_year"].to_numpy() == pytest.approx(run.place["roof_pv_mw"].to_numpy(), rel=1e-6)
    shares = run.technology["adoption_share"]
    assert ((shares >= 0) & (shares <= 1)).all()


def test_probabilities_of_every_decision_sum_to_one(run):
    """B14: P in [0, 1], sum 1, one option chosen."""
    options = run.decisions
    by_decision = options.groupby("decision")
    assert options["probability"].between(0.0, 1.0).all()
    assert by_decision["probability"].sum().to_numpy() == pytest.approx(1.0, abs=1e-9)
    assert (by_decision["is_chosen"].sum() == 1).all()


def test_tables_are_tidy_and_tables_of_a_model_in_progress_are_a_beginning():
    model = ts.build_model(scenario("minimal", "current", 2022), seed=3)
    for _ in range(4):
        model.step()
    part, whole = model.result().place.iloc[:4], result("minimal", "current", 2022, 3).place.iloc[:4]
    pd.testing.assert_frame_equal(part, whole)
    assert list(whole["quarter"]) == ["2020Q1", "2020Q2", "2020Q3", "2020Q4"]
