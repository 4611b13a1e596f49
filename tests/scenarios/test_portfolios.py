"""Portfolio files: what they become, what is known of the pilots, and what is refused."""

import json
from collections import Counter

import pytest
import yaml

from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios import check_file, load_scenario, registry
from transition_sim.scenarios.archetypes import archetypes, balance_of, mix_of, provinces


def content(**changes):
    """Two members at the node of the smallest place."""
    base = {
        "format": "portfolio/1",
        "id": "pair",
        "name": {"en": "Pair", "zh": "两地"},
        "description": {"en": "Two", "zh": "两地"},
        "nodes": [{"id": "node", "name": {"en": "Node", "zh": "节点"}, "like": "minimal"}],
        "members": [
            {"id": "small", "node": "node", "place": "minimal"},
            {
                "id": "made", "name": {"en": "Made", "zh": "原型园区"}, "node": "node", "archetype": "services",
                "output": "200 M CNY/yr",
            },
        ],
    }  # fmt: skip
    return base | changes


def faults_of(tmp_path, given):
    path = tmp_path / "portfolio.yaml"
    path.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")  # JSON is YAML, without anchors
    faults = check_file(path)
    with pytest.raises(ScenarioError):
        load_scenario(path)
    return faults


# --- what it becomes --------------------------------------------------------------------------------------------------


def test_members_keep_their_figures_and_the_whole_is_their_sum():
    place = load_scenario(content()).place
    small, made = place.members
    assert (place.kind, [m.id for m in place.members]) == ("portfolio", ["small", "made"])
    assert float(place.gate.co2) == pytest.approx(float(small.gate.co2) + float(made.gate.co2))
    assert float(small.gate.co2) == 234_216
    assert [c.id for c in place.counties] == ["small", "made"]


def test_members_share_the_province_of_their_node_and_keep_their_own_plants():
    small, made = load_scenario(content()).place.members
    province = [[u.id for u in m.power.units if u.node == "province"] for m in (small, made)]
    assert province[0] == province[1]
    assert [u.id for u in small.power.units if u.node == "place"] == ["coal_unit", "hydro_station"]
    assert float(made.power.province_load) == float(small.power.province_load) == 1e6


def test_a_portfolio_repeats_from_its_record(tmp_path):
    asked = load_scenario(content(), sets=["levers.capex_subsidy_share=0.1"])
    path = tmp_path / "scenario.yaml"
    path.write_text(yaml.safe_dump(asked.resolved(), allow_unicode=True), encoding="utf-8")
    assert load_scenario(path, None).hash == asked.hash


def test_balance_of_an_archetype_by_hand():
    """1 bn CNY of services: 95 % SVC, 5 % DAT. Power 95 000 x .280796 + 5 000 x 5.88 = 56 075.6 GJ, others 10 000 GJ.

    66 075.6 / 3.6 = 18 354.3 MWh. Gas 95 000 x .071089 + 4 000 = 10 753.5 GJ; diesel 5 000, gasoline 3 000.
    CO2 10 753.5 x .05561 + 5 000 x .07259 + 3 000 x .06791 = 598.0 + 362.95 + 203.73 = 1 164.7 t.
    Energy 18 753.5 / 29.3076 = 639.9, power 18 354.3 x .3055 = 5 607.2: 6 247.1 tce.
    """
    found = balance_of("services", 1e9)
    assert found.electricity_mwh == pytest.approx(18_354.3, abs=0.1)
    assert found.co2_tco2 == pytest.approx(1_164.7, abs=0.1)
    assert found.energy_tce == pytest.approx(6_247.1, abs=0.1)


def test_feedstock_is_energy_and_not_burnt():
    """Chemicals, 1 bn CNY: 50 000 x 5.0941 GJ of feed gas for the half that is bulk chemistry."""
    found = balance_of("chemicals", 1e9)
    assert found.feedstock_gj == {"natural_gas": pytest.approx(254_705.0)}


@pytest.mark.parametrize("archetype", list(archetypes()))
def test_shares_of_a_mix_are_a_whole(archetype):
    assert sum(mix_of(archetype, "sector").values()) == pytest.approx(1.0)
    assert set(mix_of(archetype, "others")) <= set(registry.carrier_ids())


# --- the pilots -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sichuan():
    return load_scenario("sichuan_17_pilots").place


@pytest.fixture(scope="module")
def national():
    return load_scenario("national_35_pilots").place


def test_seventeen_parks_eight_of_them_named(sichuan):
    generic = [m for m in sichuan.members if m.id.startswith("generic_")]
    assert (len(sichuan.members), len(generic)) == (17, 9)
    assert all(m.name.en.startswith("Generic park ") and m.name.zh.startswith("通用园区") for m in generic)


def test_ten_of_seventeen_lie_on_the_chengdu_plain(sichuan):
    """58.8 % of 17, the rest in the south, the north-east and Panxi."""
    regions = Counter(m.region for m in sichuan.members)
    assert regions["chengdu_plain"] == round(0.588 * 17)
    assert set(regions) == {"chengdu_plain", "south", "northeast", "panxi"}


def test_mix_of_the_seventeen(sichuan):
    """Leading industry: electronics 5, equipment 4, batteries 3, food 2, metals 1, services 2."""
    leading = Counter(max(m.sectors, key=lambda s: float(s.output)).sector for m in sichuan.members)
    assert leading == {"ELE": 5, "EQP": 4, "BAT": 3, "FOD": 2, "MET": 1, "SVC": 2}


def test_output_grows_to_the_published_sum(sichuan):
    """500 bn CNY in 2025 at the growth of the sector table."""
    growth = {row.id: (1 + row.growth_2021_2025_percent / 100) ** 5 for row in registry.sectors()}
    total = sum(float(s.output) * growth[s.sector] for m in sichuan.members for s in m.sectors)
    assert total == pytest.approx(500e9, rel=1e-6)


def test_thirty_five_pilots_in_fifteen_provinces_without_sichuan(national):
    """Quotas of the first batch: Hebei, Inner Mongolia, Jiangsu, Shandong, Guangdong three each, ten others two."""
    nodes = Counter(m.node for m in national.members)
    assert (len(national.members), len(nodes)) == (35, 15)
    assert {n for n, k in nodes.items() if k == 3} == {"hebei", "inner_mongolia", "jiangsu", "shandong", "guangdong"}
    assert "sichuan" not in nodes
    assert Counter(m.kind for m in national.members) == {"city": 25, "park": 10}


def test_provinces_differ_by_factor_and_sun(national):
    by_node = {m.node: m.power for m in national.members}
    for key, row in provinces().items():
        assert float(by_node[key].province_factor) == row.factor_tco2_per_mwh
        assert float(by_node[key].roof_pv_yield) == row.pv_hours
    assert all(m.name.en.endswith("(archetype)") for m in national.members)


# --- what is refused --------------------------------------------------------------------------------------------------

NODE = {"id": "node", "name": {"en": "Node", "zh": "节点"}, "like": "minimal"}
MADE = {"id": "made", "name": {"en": "Made", "zh": "原型"}, "node": "node", "archetype": "services", "output": 2e8}
SMALL = {"id": "small", "node": "node", "place": "minimal"}


def without(row, *keys, **changes):
    return {k: v for k, v in row.items() if k not in keys} | changes


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"nodes": [NODE, NODE]}, "nodes.1.id", "two nodes have one name"),
        ({"nodes": [without(NODE, "like")]}, "nodes.0", "like a place of the library, or a province"),
        ({"nodes": [without(NODE, like="atlantis")]}, "nodes.0.like", "no place of this name"),
        ({"nodes": [without(NODE, "like", province="atlantis")]}, "nodes.0.province", "no such province"),
        ({"members": [SMALL, SMALL]}, "members.1.id", "two members have one name"),
        ({"members": [SMALL, without(MADE, node="nod")]}, "members.1.node", "there is no such node"),
        ({"members": [MADE, without(SMALL, place="minimum")]}, "members.1.place", "no place of this name"),
        ({"members": [MADE, without(SMALL, "place")]}, "members.1", "a place of the library or an archetype"),
        ({"members": [MADE, without(SMALL, output=1e9)]}, "members.1", "keeps its own output"),
        ({"members": [SMALL, without(MADE, archetype="service")]}, "members.1.archetype", "no such archetype"),
        ({"members": [SMALL, without(MADE, "output")]}, "members.1", "an output, or a share"),
        ({"members": [SMALL, without(MADE, "output", share=1.0)]}, "members.1.share", "no total output"),
        ({"members": [SMALL, without(MADE, "name")]}, "members.1.name", "an archetype needs a name"),
        ({"members": [SMALL]}, "members", "at least 2 item"),
        ({"colour": "blue"}, "colour", ""),
    ],
)
def test_faults_of_a_portfolio(tmp_path, changes, field, rule):
    faults = faults_of(tmp_path, content(**changes))
    assert any(f.field == field and rule in f.rule for f in faults), [str(f) for f in faults]
    assert all(f.file.endswith("portfolio.yaml") for f in faults)


def test_a_total_that_cannot_be_met_is_refused(tmp_path):
    """The smallest place makes .6 bn CNY in 2020 already; .5 bn in 2025 leaves nothing to share."""
    members = [SMALL, without(MADE, "output", share=1.0)]
    [fault] = faults_of(tmp_path, content(members=members, total_output={"year": 2025, "value": "0.5 bn CNY/yr"}))
    assert fault.field == "total_output.value"
    assert "the total cannot be met" in fault.rule


def test_an_output_that_no_population_can_have_is_refused(tmp_path):
    faults = faults_of(tmp_path, content(members=[SMALL, without(MADE, output=0)]))
    assert faults


def test_a_place_with_members_says_so(tmp_path):
    with pytest.raises(ScenarioError, match="a portfolio has members, and nothing else has"):
        load_scenario("minimal", overlay={"place": {"kind": "portfolio"}})


def test_targets_of_a_programme_are_those_of_each_member():
    """T062, CO2 under control, names the 17 pilots; T111 and the like name a kind of place; others neither."""
    place = load_scenario("sichuan_17_pilots").place
    target = registry.targets()["T062"]
    assert {m.programme for m in place.members} == {"sichuan_17_pilots"}
    assert all(target.concerns(m.id, m.kind, m.programme) for m in place.members)
    alone = load_scenario("chem_park").place
    assert not target.concerns(alone.id, alone.kind, alone.programme)
