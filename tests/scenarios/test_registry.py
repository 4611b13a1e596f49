"""The registry: all levers, indicators and parameters, in both languages, with the numbers of the specification."""

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import transition_sim
from transition_sim.core.errors import ScenarioError
from transition_sim.core.kernels import compiled
from transition_sim.scenarios import load_scenario, registry
from transition_sim.scenarios.library import find_document
from transition_sim.scenarios.spec import PolicySpec, Schedule
from transition_sim.scenarios.table_reader import package_data
from transition_sim.world.columns import PLACE

POLICIES = ("none", "current", "ambitious")
TABLES = ("levers", "indicators", "parameters", "carriers", "services", "sectors", "technologies")


def records(name):
    found = getattr(registry, name)()
    return list(found.values()) if hasattr(found, "values") else list(found)


# --- completeness -----------------------------------------------------------------------------------------------------


def test_every_lever_and_indicator_is_listed_once():
    """Part 2.6 names the levers L01-L57 and the indicators I01-I54."""
    assert registry.lever_ids() == tuple(f"L{i:02d}" for i in range(1, 58))
    assert tuple(registry.indicators()) == tuple(f"I{i:02d}" for i in range(1, 55))
    keys = [row.key for row in records("indicators")]
    assert len(set(keys)) == 54
    assert [row.order for row in records("levers")] == list(range(1, len(registry.levers()) + 1))


@pytest.mark.parametrize("name", TABLES)
def test_both_languages(name):
    for row in records(name):
        for field in ("name_zh", "help_zh"):
            if hasattr(row, field):
                assert re.search("[\u4e00-\u9fff]", getattr(row, field)), (row, field)
        for field in ("name_en", "help_en"):
            if hasattr(row, field):
                assert getattr(row, field), (row, field)
                assert not re.search("[\u4e00-\u9fff]", getattr(row, field)), (row, field)


def test_levers_act_where_the_model_reads_them():
    acting = {row.id for row in records("levers") if row.acts}
    listed = list(range(1, 58))
    assert acting == {f"L{i:02d}" for i in listed}
    assert {row.kind for row in records("levers")} == {"number", "switch"}
    assert all((row.low, row.high) == (0, 1) for row in records("levers") if row.kind == "switch")


def test_indicators_that_act_stand_in_the_place_results():
    known = {column.name for column in PLACE}
    for row in records("indicators"):
        assert set(row.columns) <= known, row.id
        assert row.acts or not row.column, row.id
    assert registry.indicators()["I03"].columns == ("nonfossil_tce", "energy_coal_equivalent_tce")


def test_no_range_leaves_out_its_value():
    for row in records("parameters"):
        assert row.low <= row.value <= row.high, row.key
    for row in records("levers"):
        assert row.low <= row.neutral <= row.high, row.key
        assert row.low <= row.default <= row.high, row.key
    assert len(registry.parameters()) >= 150


def test_names_of_quantities_end_in_their_unit():
    endings = {
        "%/yr": "percent",
        "CNY": "cny",
        "yr": "years",
        "quarter": "quarters",
        "CNY/kWh": "cny_per_kwh",
        "CNY/MWh": "cny_per_mwh",
        "1/yr": "per_year",
        "h": "hours",
        "tCO2/tce": "tco2_per_tce",
        "tCO2/MWh": "tco2_per_mwh",
    }
    hazards = ("commit_hazard_",)  # times a share, the name says of what
    for row in records("parameters"):
        if row.unit in endings and not row.key.startswith(hazards) and not row.key.startswith("loan_years"):
            assert row.key.endswith(endings[row.unit]), row.key


# --- the numbers of the specification ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "neutral", "default", "low", "high"),
    [  # specification 3.5
        ("capex_subsidy_share", 0, 0.10, 0, 0.5),
        ("interest_subsidy_percent", 0, 0, 0, 3),
        ("facility_share", 0, 0.60, 0, 1),
        ("green_evaluation", 0, 1, 0, 5),
        ("tax_credit_share", 0, 0.10, 0, 0.3),
        ("green_procurement_share", 0, 0.30, 0, 1),
        ("replacement_ratio", 1, 1.5, 1, 3),
        ("new_clinker_ban", 0, 1, 0, 1),
        ("offpeak_days", 0, 150, 0, 240),
        ("differential_restricted_cny_per_kwh", 0, 0.10, 0, 0.6),
        ("differential_eliminated_cny_per_kwh", 0, 0.30, 0, 0.6),
        ("tou_peak_multiple", 1, 1.6, 1, 2.5),
        ("tou_valley_multiple", 1, 0.4, 0.2, 1),
        ("green_power_access_share", 0, 0.3, 0, 1),
        ("certificate_mandate_share", 0, 0, 0, 1),
        ("demand_response_share", 0, 0.05, 0, 0.15),
        ("storage_support_cny_per_kwh", 0, 0, 0, 300),
        ("rooftop_pv_promotion", 0, 0.5, 0, 1),
        ("carbon_price_floor_cny_per_tco2", 0, 0, 0, 500),
        ("coal_plant_retrofit", 0, 0.3, 0, 1),
        # "infinite" in 3.5: the end of the range binds nobody
        ("efficiency_limit_kgce_per_t", 140, 117, 94, 140),
        ("access_strictness", 2, 1, 0.8, 2),
    ],
)
def test_levers_as_in_the_lever_table(key, neutral, default, low, high):
    row = registry.levers()[key]
    assert (row.neutral, row.default, row.low, row.high) == (neutral, default, low, high)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("demand_noise_ar_share", 0.6),  # SM01
        ("demand_noise_sd_share", 0.015),
        ("replicator_speed_per_quarter", 0.25),  # SM02
        ("weibull_shape", 4),  # SM04
        ("hazard_base_small_per_year", 0.06),  # SM05
        ("hazard_base_large_per_year", 0.18),
        ("hazard_peer_per_year", 0.30),
        ("hurdle_small_per_year", 0.30),  # SM06
        ("hurdle_soe_per_year", 0.06),
        ("hurdle_log_sd", 0.45),
        ("choice_noise", 0.08),
        ("first_cost_salience", 1.0),
        ("dscr_min", 1.2),  # SM08
        ("capital_ratio_min_share", 0.105),
        ("lgd_share", 0.45),
        ("lpr_2020_percent", 3.85),
        ("green_budget_share", 0.006),  # SM10
        ("subsidy_cap_cny", 5e6),
        ("clinker_process_tco2_per_t", 0.535),  # SM11
        ("voll_cny_per_mwh", 1e4),  # SM12
        ("storage_efficiency_share", 0.86),
        ("coal_min_load_flexible_share", 0.35),
        ("tariff_market_cny_per_kwh", 0.36),  # SM13
        ("season_dry", 1.20),
        ("wtp_zero_carbon_park_cny_per_mwh", 60),  # SM14
        ("credibility_start", 0.6),  # SM16
        ("pv_national_gw_2020", 252),  # SM17
        ("pv_national_gw_per_year", 120),
        ("tce_per_mwh_calorific", 0.1229),  # SM19
        ("tce_per_mwh_coal_2020", 0.3055),
        ("plateau_band_share", 0.98),  # SM25
    ],
)
def test_parameters_as_in_the_specification(key, value):
    assert registry.parameters()[key].value == value


def test_the_weights_of_peers_sum_to_one():
    """SM07."""
    weights = [row.value for row in records("parameters") if row.key.startswith("peer_weight_")]
    assert len(weights) == 3
    assert sum(weights) == pytest.approx(1, abs=1e-12)


def test_every_learning_group_has_its_deployment():
    """SM17: cumulative deployment in the base year, and what is added a year."""
    assert set(registry.learning_groups()) >= {"pv", "battery", "heat_pump", "electric_boiler", "whr", "ccus"}
    for group in registry.learning_groups():
        keys = [k for k in registry.parameters() if k.startswith(f"{group}_national_")]
        assert len(keys) == 2, group
        assert keys[0].endswith("_2020"), group
        assert keys[1].endswith("_per_year"), group


# --- records and arrays -----------------------------------------------------------------------------------------------


def test_parameter_record_takes_overrides():
    record = registry.parameter_record({"choice_noise": 0.2})
    assert record.shape == (1,)
    assert record["choice_noise"][0] == 0.2
    assert record["weibull_shape"][0] == 4  # SM04, untouched
    assert registry.parameter_record()["choice_noise"][0] == 0.08  # SM06: the override is not remembered


def test_lever_record_is_neutral_unless_told():
    record = registry.lever_record({"offpeak_days": 120})
    assert record.dtype == registry.lever_dtype()
    assert record["offpeak_days"][0] == 120
    assert record["replacement_ratio"][0] == 1  # neutral in 3.5
    assert record["household_tier3_cny_per_kwh"][0] == 0.52


@pytest.mark.parametrize("make", [registry.parameter_record, registry.lever_record])
def test_records_refuse_what_is_not_there(make):
    known = make().dtype.names[0]
    with pytest.raises(ValueError, match=r"there is no (parameter|lever) 'nothing'"):
        make({"nothing": 1.0})
    with pytest.raises(ValueError, match="must be a finite number, not nan"):
        make({known: float("nan")})


@compiled
def _one_field(records):
    return records[0].weibull_shape + records[0].dscr_min


def test_a_compiled_rule_reads_parameters_by_name():
    assert _one_field(registry.parameter_record()) == pytest.approx(4 + 1.2)  # SM04, SM08


def test_technology_table_holds_positions_and_a_mask():
    table = registry.technology_table()
    at = registry.technology_ids().index
    services, carriers, sectors = registry.service_ids(), registry.carrier_ids(), registry.sector_ids()
    gas = table[at("steam_gas")]
    assert services[gas["service"]] == "STEAM"
    assert carriers[gas["carrier"]] == "natural_gas"
    assert gas["learning_group"] == -1
    assert registry.learning_groups()[table["learning_group"][at("roof_pv")]] == "pv"
    assert table["sector_mask"][at("nsp_5000")] == 1 << sectors.index("CEM")
    assert table["sector_mask"][at("roof_pv")] == (1 << 12) - 1  # every one of the twelve sectors
    assert table["carrier"][at("clk_heat")] == -1
    assert not table.flags.writeable


def test_other_tables_keep_order_and_hosts():
    services = registry.service_ids()
    assert services[:4] == ("CLINKER", "KILN", "STEAM", "MOTOR")
    table = registry.service_table()
    assert services[table["host"][services.index("STM_WHR")]] == "STEAM"
    assert table["host"][0] == -1
    coal = registry.carrier_table()[registry.carrier_ids().index("coal")]
    assert coal["co2_t_per_gj"] == 0.09089  # SM19
    assert registry.sector_table()["demand_elasticity"][registry.sector_ids().index("CEM")] == 0.2  # SM01
    cement = registry.sectors()[0]
    assert registry.load_shape_ids()[registry.sector_table()["load_shape"][0]] == cement.load_shape


def test_days_sum_to_one_and_profiles_are_capacity_factors():
    shapes = registry.load_shapes()
    assert shapes.shape[1:] == (2, 8)
    assert shapes.sum(axis=2) == pytest.approx(1, abs=1e-6)
    assert {kind: p.shape for kind, p in registry.profiles().items()} == dict.fromkeys(
        ("hydro", "pv", "wind", "biomass"), (12, 8)
    )
    hydro = registry.profiles()["hydro"].mean(axis=1)
    published = [0.30, 0.28, 0.28, 0.33, 0.45, 0.62, 0.70, 0.70, 0.68, 0.58, 0.42, 0.33]  # SM12
    assert hydro == pytest.approx(published, abs=2e-5)


def test_a_cny_of_output_is_fully_spent():
    """SM02: inputs, other goods, energy, wages, taxes and surplus make up the price."""
    io = registry.io_tables()
    rest = io.other_inputs_share + io.energy_share + io.wages_share + io.taxes_share + io.surplus_share
    assert io.total.shape == (12, 12)
    assert io.total.sum(axis=0) + rest == pytest.approx(np.ones(12), abs=1e-5)
    assert (io.domestic <= io.total + 1e-12).all()


def test_share_of_weak_parameters_by_hand(tmp_path):
    """Grades A and K, and low confidence, count as weak (appendix B6)."""
    rows = list(csv.reader((package_data() / "parameters.csv").read_text(encoding="utf-8").splitlines()))
    grade, confidence = rows[0].index("grade"), rows[0].index("confidence")
    for row, (g, c) in zip(rows[1:5], [("S", "high"), ("A", "high"), ("K", "medium"), ("D", "low")], strict=True):
        row[grade], row[confidence] = g, c
    write(tmp_path / "parameters.csv", rows[:5])
    assert registry.low_confidence_share(tmp_path) == 0.75


def test_the_hash_sees_every_byte(tmp_path):
    copy = copy_tables(tmp_path / "one")
    assert registry.data_hash(copy) == registry.data_hash()
    other = copy_tables(tmp_path / "two")
    change(other / "carriers.csv", ",0.09089,", ",0.09088,")
    assert registry.data_hash(other) != registry.data_hash()
    assert re.fullmatch("[0-9a-f]{32}", registry.data_hash())


# --- policies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", POLICIES)
def test_policies_stay_in_the_ranges_of_their_levers(name):
    policy = PolicySpec.model_validate(find_document(name, "policy").data)
    assert policy.id == name
    assert re.search("[\u4e00-\u9fff]", policy.name.zh + policy.description.zh)
    for key, setting in policy.levers.items():
        lever = registry.levers()[key]
        values = [v for _, v in setting.path] if isinstance(setting, Schedule) else [float(setting)]
        assert all(lever.low <= v <= lever.high for v in values), key
        assert lever.acts, key


def test_the_current_plan_year_by_year():
    """Specification 3.5: defaults; demand response 0.01 to 0.05 in 2030, off-peak days 100 to 150."""
    path = load_scenario("minimal", "current").lever_path()
    q2020, q2025, q2030 = 0, 20, 40
    assert path["offpeak_days"][[q2020, q2025, q2030]] == pytest.approx([100, 150, 150])
    assert path["demand_response_share"][[q2020, q2025, q2030]] == pytest.approx([0.01, 0.03, 0.05])
    assert path["facility_share"][[0, 3, 4]] == pytest.approx([0, 0, 0.6])
    assert path["coal_boiler_size_limit_t_per_h"][[11, 12]] == pytest.approx([0, 35])
    assert path["carbon_price_floor_cny_per_tco2"].max() == 0
    for key in ("capex_subsidy_share", "tax_credit_share", "replacement_ratio", "tou_peak_multiple"):
        assert (path[key] == registry.levers()[key].default).all()


def test_the_ambitious_policy_is_the_current_one_until_2023():
    ambitious = load_scenario("minimal", "ambitious").lever_path()
    current = load_scenario("minimal", "current").lever_path()
    for key in ambitious.dtype.names:
        assert ambitious[key][:16] == pytest.approx(current[key][:16]), key
    assert ambitious["carbon_price_floor_cny_per_tco2"][[20, 60]] == pytest.approx([80, 200])
    assert ambitious["certificate_mandate_share"][[20, 40]] == pytest.approx([0.3, 0.8])
    assert ambitious["direct_line_mw"][[27, 28]] == pytest.approx([0, 200])
    assert ambitious["efficiency_limit_kgce_per_t"][40] == 100


def test_no_policy_is_neutral():
    path = load_scenario("minimal", "none").lever_path()
    assert all((path[key] == lever.neutral).all() for key, lever in registry.levers().items())


# --- malformed tables -------------------------------------------------------------------------------------------------


def copy_tables(folder: Path) -> Path:
    folder.mkdir()
    for file in package_data().iterdir():
        shutil.copy(str(file), folder / file.name)
    return folder


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


HEADER = "id,name_en,name_zh,unit,co2_t_per_gj,tce_per_gj,price_cny_per_gj,price_low,price_high,is_fossil,is_electric"
TAIL = ",K,by hand,medium"


def faults_of(tmp_path: Path, *lines: str, header: str = HEADER + ",grade,source,confidence") -> list[str]:
    (tmp_path / "carriers.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        registry.carriers(tmp_path)
    return [str(fault) for fault in caught.value.faults]


def test_all_faults_of_a_table_at_once(tmp_path):
    assert faults_of(
        tmp_path,
        "coal,Raw coal,原煤,GJ,0.09089,0.0341,33.4,26,50,1,0" + TAIL,
        "coke,,焦炭,GJ,much,nan,70,56,100,yes,0,X,by hand,certain",
        "gas,Gas,gas,GJ,0.05561,0.0341,64.2,56,60,1,0" + TAIL,
        "oil,Oil,石油,GJ,0.07,0.0341,64.2,56,60,1,0" + TAIL,
        "coal,Raw coal,原煤,GJ,0.09089,0.0341,33.4,26,50,1,0" + TAIL,
        "two words,Wood,木材,GJ,0",
    ) == [
        "carriers.csv:3: coke.name_en: the cell is empty. Write a few words.",
        "carriers.csv:3: coke.co2_t_per_gj = much: this must be a finite number. Write such as 0.5.",
        "carriers.csv:3: coke.tce_per_gj = nan: this must be a finite number. Write such as 0.5.",
        "carriers.csv:3: coke.is_fossil = yes: a switch is 0 or 1. Write 0 (no) or 1 (yes).",
        "carriers.csv:3: coke.grade = X: this word is not allowed. The words are: D, S, K, A.",
        "carriers.csv:3: coke.confidence = certain: this word is not allowed. The words are: high, medium, low.",
        "carriers.csv:4: gas.name_zh = gas: this must be Chinese. Write the Chinese words.",
        "carriers.csv:5: oil.price_cny_per_gj = 64.2: the value lies outside 56 to 60. "
        "Correct it, price_low or price_high.",
        "carriers.csv:6: coal.id = coal: the row is given twice, first in line 2. Delete one.",
        "carriers.csv:7: row = two words: the row has 5 cells, the header 14. Quote text that holds a comma.",
    ]


def test_columns_must_be_those_declared(tmp_path):
    header = HEADER.replace("tce_per_gj", "tce_per_gjj") + ",grade,source,confidence"
    assert faults_of(tmp_path, header=header) == [
        "carriers.csv:1: tce_per_gj: the column is missing. Add the column.",
        "carriers.csv:1: tce_per_gjj: unknown column. Did you mean tce_per_gj?",
    ]


def test_an_empty_or_missing_table(tmp_path):
    with pytest.raises(ScenarioError, match=r"services\.csv: table: the table is missing\. Put the file back\."):
        registry.services(tmp_path)
    (tmp_path / "services.csv").write_bytes(b"")
    with pytest.raises(ScenarioError, match=r"services\.csv:1: id: the column is missing"):
        registry.services(tmp_path)
    (tmp_path / "sectors.csv").write_bytes("id,名称".encode("gbk"))
    with pytest.raises(ScenarioError, match=r"sectors\.csv: table: the file is not CSV in UTF-8"):
        registry.sectors(tmp_path)


def test_levers_refuse_unknown_governments(tmp_path):
    folder = copy_tables(tmp_path / "data")
    change(folder / "levers.csv", "park;city;province", "park;town;province")
    with pytest.raises(ScenarioError) as caught:
        registry.levers(folder)
    assert str(caught.value.faults[0]) == (
        "levers.csv:2: capex_subsidy_share.who = park;town;province: this word is not allowed. "
        "The words are: park, city, province, nation."
    )


def test_faults_of_all_tables_at_once(tmp_path):
    folder = copy_tables(tmp_path / "data")
    change(folder / "technologies.csv", ",STEAM,converter,natural_gas,", ",STEAM,converter,natural_gaz,")
    change(folder / "load_shapes.csv", "three_shift,typical,7,", "three_shift,typical,8,")
    change(folder / "technology_sectors.csv", "nsp_old,CEM,", "nsp_old,CEN,")
    change(folder / "parameters.csv", "choice_noise,", "choice noise,")
    with pytest.raises(ScenarioError) as caught:
        registry.check_tables(folder)
    found = [str(fault) for fault in caught.value.faults]
    line = 1 + list(registry.parameters()).index("choice_noise") + 1
    assert found[0] == (
        f"parameters.csv:{line}: choice noise.key = choice noise: "
        "an id has letters, digits and underscores and starts with a letter. Rename it, such as 'roof_pv'."
    )
    gas = 2 + registry.technology_ids().index("steam_gas")
    assert found[1] == (
        f"technologies.csv:{gas}: steam_gas.carrier = natural_gaz: there is no such id. Did you mean natural_gas?"
    )
    assert "load_shapes.csv: cell 0 0 7: the cell is missing. Add a row." in found
    assert "load_shapes.csv: cell 0 0 8: the cell lies outside the table. Correct or delete the row." in found
    assert len(found) == 4


def test_the_sectors_of_a_technology_must_exist(tmp_path):
    folder = copy_tables(tmp_path / "data")
    change(folder / "technology_sectors.csv", "nsp_old,CEM,", "nsp_old,CEN,")
    with pytest.raises(ScenarioError) as caught:
        registry.technology_table(folder)
    assert [str(fault) for fault in caught.value.faults] == [
        "technology_sectors.csv: nsp_old.sectors = CEN: there is no such sector. Correct the id."
    ]


def test_the_tables_of_the_package_have_no_fault():
    registry.check_tables()
    with pytest.raises(TypeError):
        registry.levers()["capex_subsidy_share"] = None


DEFINES_THE_PEAK = {
    "plateau_band_share", "plateau_min_years", "peak_confirm_drop_share", "peak_confirm_years", "peak_smoothing_years",
    "peak_censor_years",
}  # fmt: skip
"""Defaults of ``world.peak.peak_metrics``, held to the table by its test."""


def test_every_parameter_is_read():
    """As a field, ``p.key``, or by its name in quotes; national deployment by the name of its group (SM17)."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in Path(transition_sim.__file__).parent.rglob("*.py"))
    found = set(re.findall(r"\.([a-z0-9_]+)\b", text)) | set(re.findall(r"[\"']([a-z0-9_]+)[\"']", text))
    unread = {key for key in registry.parameters() if key not in found and "_national_" not in key}
    assert unread == DEFINES_THE_PEAK
