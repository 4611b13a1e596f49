"""Key numbers, charts, targets, files, links and lessons as plain data."""

import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pictures import YEARS, picture

from transition_sim.core.errors import ConservationError, ScenarioError
from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import load_scenario
from transition_sim.viz import scene, vintages
from transition_sim.viz.chart_list import MAKERS, make_chart
from transition_sim.viz.charts import PALETTE, Scene
from transition_sim.viz.comparing import Side, measure_rows
from transition_sim.viz.desk import View
from transition_sim.viz.draft import Draft, Move, acting_levers, preset_scenario
from transition_sim.viz.formatting import central, figure, plain_number, signed, span
from transition_sim.viz.key_numbers import key_numbers
from transition_sim.viz.link import from_query, to_query
from transition_sim.viz.pages.files import fault_text
from transition_sim.viz.policy_file import policy_text, read_policy
from transition_sim.viz.session import Session, act, opened
from transition_sim.viz.settings import check_place
from transition_sim.viz.vintages import plan_periods
from transition_sim.viz.words import Words

PLACE = "guangan_city"
EN, ZH = Words("en"), Words("zh")


def view_of(*values: tuple[float, float], status: str = "done") -> View:
    """Return a view of pairs: (policy, baseline) of the cumulative CO2, seed by seed."""
    a, b = preset_scenario(PLACE, "none"), preset_scenario(PLACE, "current")
    policy = tuple(picture(b, k + 1, cumulative_dual_control_mtco2=v) for k, (v, _) in enumerate(values))
    baseline = tuple(picture(a, k + 1, cumulative_dual_control_mtco2=w) for k, (_, w) in enumerate(values))
    return View(status, policy, baseline, len(values))


def card_of(view: View, words: Words = EN) -> dict:
    return next(c for c in key_numbers(view, words) if c["key"] == "cumulative_dual_control_mtco2")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.03468, "0.0347"), (15.44, "15.4"), (1234.4, "1,234"), (-0.725, "−0.725"), (0.0, "0"), (float("nan"), "–")],
)
def test_figures(value, text):
    assert figure(value) == text


def test_other_numbers():
    assert figure(2028, "year") == "2028"
    assert figure(2028.25, "year") == "2028"  # a median between two years is shown as a year
    assert [figure(v, "stations") for v in (5.0, 22.5, 4869.0)] == ["5", "22.5", "4,869"]
    assert signed(-1.25, "year") == "−1.2"
    assert [signed(v) for v in (0.5, -0.5, 0.0)] == ["+0.500", "−0.500", "±0"]
    assert [plain_number(v) for v in (0.1, 117.0, 2100, 0.123456)] == ["0.1", "117", "2100", "0.1235"]
    assert [plain_number(v) for v in (-2.9, -1.0)] == ["−2.9", "−1"], "one minus sign for all figures"


def test_the_interval_of_a_paired_difference():
    """Differences -2, -4, -6: mean -4, sd 2, t(0.975, 2) = 4.303; 4.303 * 2 / sqrt(3) = 4.968: -8.97 to 0.968."""
    card = card_of(view_of((98, 100), (96, 100), (94, 100)))
    assert card["value"] == "96.0"
    assert card["difference"] == "−4.00 MtCO₂"
    assert card["interval"] == "[−8.97, +0.968]"
    assert card["is_noise"]
    assert card["noise"] == "could be noise"


def test_chinese_cards_and_charts_count_in_wan_and_yi():
    """98, 96 and 94 Mt are 9,800, 9,600 and 9,400 万吨, the mean difference to 100 Mt is -400 万吨."""
    view = view_of((98, 100), (96, 100), (94, 100))
    card = card_of(view, ZH)
    assert (card["value"], card["unit"], card["difference"]) == ("9,600", "万吨二氧化碳", "−400 万吨二氧化碳")
    scene = [Scene(view, preset_scenario(PLACE, "current"), "X", words) for words in (EN, ZH)]
    for id, scale in (("emissions", 100.0), ("payers", 0.01), ("electricity", 10.0), ("power", 10.0)):
        english, chinese = (make_chart(id, one).rows for one in scene)
        assert [row[1] for row in chinese] == pytest.approx([scale * row[1] for row in english], rel=1e-3)


def test_large_sums_of_money_are_read_in_billions():
    """164,184 M CNY are 164 bn CNY, 1,642 亿元; 6,400 M CNY stay as they are. Against 162,184: 2 bn CNY more."""
    policy, baseline = (
        tuple(picture(preset_scenario("guangan_city", preset), seed, leaked_m_cny=value, capex_m_cny=6400.0)
              for seed in (1, 2))
        for preset, value in (("current", 164_184.0), ("none", 162_184.0))
    )  # fmt: skip
    found = {c["key"]: c for c in key_numbers(View("done", policy, baseline, 2), EN)}
    leaked, capex = found["leaked_m_cny"], found["capex_m_cny"]
    assert (leaked["value"], leaked["unit"], leaked["difference"]) == ("164", "bn CNY", "+2.00 bn CNY")
    assert (capex["value"], capex["unit"]) == ("6,400", "M CNY")
    rows = measure_rows([Side(name, {p.seed: p for p in of}) for name, of in (("A", baseline), ("B", policy))], EN)
    row = next(r for r in rows if r["name"] == leaked["name"])
    assert (row["unit"], row["baseline"], row["cells"][0]["value"]) == ("bn CNY", "162", "164")
    chinese = next(c for c in key_numbers(View("done", policy, baseline, 2), ZH) if c["key"] == "leaked_m_cny")
    assert (chinese["value"], chinese["unit"]) == ("1,642", "亿元")


def test_years_of_several_runs_have_their_median():
    """Peaks of 2024, 2025 and 2031: no mean of 2026.7, but the 2025 of the run in the middle."""
    assert central(np.array([2024.0, 2025.0, 2031.0]), "year") == 2025.0
    assert central(np.array([1.0, 2.0, 6.0]), "MtCO2") == 3.0


def test_a_sure_difference_is_no_noise():
    """Differences -4, -4.1, -3.9: sd 0.1, half width 4.303 * 0.1 / sqrt(3) = 0.248."""
    card = card_of(view_of((96, 100), (95.9, 100), (96.1, 100)))
    assert card["interval"] == "[−4.25, −3.75]"
    assert not card["is_noise"]


def test_one_pair_has_no_interval_and_like_policies_no_difference():
    assert card_of(view_of((98, 100)))["interval"] == "interval to follow"
    same = view_of((98, 98), (97, 97))
    card = card_of(View("done", same.policy, same.policy, 2))
    assert (card["difference"], card["interval"]) == ("no difference", "")
    assert key_numbers(View(), EN) == []


@pytest.mark.parametrize(
    ("years", "periods"),
    [
        (range(2020, 2036), [(2020, 2025), (2026, 2030), (2031, 2035)]),
        (range(2020, 2029), [(2020, 2025), (2026, 2028)]),
        (range(2023, 2026), [(2023, 2025)]),
    ],
)
def test_plan_periods_end_in_years_that_five_divides(years, periods):
    assert plan_periods(list(years)) == periods


def test_heat_by_age_of_equipment_by_hand():
    """2027 has 80 PJ of old fuel, 6 of 2020 to 2025, 2 of 2026 and 2027, none of later; other heat 88 / 4 = 22.

    In Chinese 80 PJ are 80e6 / 29.3076 = 2.7297 million tce, 272.97 万吨标准煤.
    """
    view = view_of((98, 100), (96, 100))
    charts = [make_chart("vintages", Scene(view, preset_scenario(PLACE, "current"), "X", words)) for words in (EN, ZH)]
    english, chinese = (next(row for row in chart.rows if row[0] == 2027) for chart in charts)
    assert english[1:] == [80.0, 6.0, 2.0, 0.0, 22.0, 88.0]
    assert chinese[1] == pytest.approx(272.97, rel=1e-4)
    stacked = [s for s in charts[0].option["series"] if s.get("stack") == "heat"]
    assert len(stacked) == 5
    assert charts[0].option["series"][-1]["lineStyle"]["type"] == "dashed"


def test_a_run_with_more_plans_than_colours_shows_all_of_its_heat(monkeypatch):
    """In 2035 there are 80 PJ of old fuel, 16 of sixteen years since, and a quarter as power: 96 x 1.25 = 120."""
    monkeypatch.setattr(vintages, "SINCE", PALETTE[:1])
    view = view_of((98, 98))
    chart = make_chart("vintages", Scene(view, preset_scenario(PLACE, "current"), "X", EN))
    stacked = [s["data"][-1] for s in chart.option["series"] if s.get("stack") == "heat"]
    assert sum(stacked) == pytest.approx(120.0)


@pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("id", MAKERS)
def test_a_chart_and_its_table(id, words):
    chart = make_chart(id, Scene(view_of((98, 100), (96, 100)), preset_scenario(PLACE, "current"), "X", words))
    assert chart.title
    assert chart.unit
    assert len(chart.rows) == (6 if id == "sizes" else YEARS.size)
    assert {len(row) for row in chart.rows} == {len(chart.head)}
    drawn = {s["name"] for s in chart.option["series"]}
    assert {entry["name"] for entry in chart.option["legend"]["data"]} <= drawn


def test_charts_leave_out_what_a_place_does_not_have():
    assert "permits" in scene.further_charts(preset_scenario(PLACE, "none").place)
    assert "permits" not in scene.further_charts(preset_scenario("chem_park", "none").place)
    view = view_of((98, 100), (96, 100))
    nothing = np.zeros(YEARS.size)
    park = View(
        **{side: tuple(replace(p, annual={**p.annual, "coal_power_mwh": nothing}) for p in getattr(view, side))
           for side in ("policy", "baseline")}
    )  # fmt: skip
    chart = make_chart("power", Scene(park, preset_scenario("chem_park", "current"), "X", EN))
    assert {entry["name"] for entry in chart.option["legend"]["data"] if "X" not in entry["name"]} == {
        EN("hydro_power"), EN("unserved_power"),
    }  # fmt: skip
    assert next(s for s in chart.option["series"] if s["id"] == "hydro_mwh")["lineStyle"]["color"] == PALETTE[1]


def test_no_more_than_all_enterprises_adopt():
    chart = make_chart("adoption", Scene(view_of((98, 100), (96, 100)), preset_scenario(PLACE, "current"), "X", EN))
    assert chart.option["yAxis"]["max"] == 100


def test_the_emissions_chart_shows_peak_band_and_published_range():
    """Emissions by hand peak in 2028; the place publishes its base year with a range."""
    chart = make_chart("emissions", Scene(view_of((98, 100), (96, 100)), preset_scenario(PLACE, "current"), "X", EN))
    by_id = {s["id"]: s for s in chart.option["series"]}
    assert by_id["dual_control"]["markPoint"]["data"][0]["coord"] == ["2028", 10.0]
    assert by_id["dual_control_base"]["lineStyle"]["type"] == "dashed"
    assert "_dual_control_high" in by_id
    gate = preset_scenario(PLACE, "current").place.gate.co2
    ends = by_id["published"]["markLine"]["data"][0]
    assert [end["coord"][1] for end in ends] == [gate.low / 1e6, gate.high / 1e6]


# --- files and links --------------------------------------------------------------------------------------------------


def draft() -> Draft:
    return (
        Draft(PLACE).moved("capex_subsidy_share", Move(0.3, 2025, 2028)).moved("new_clinker_ban", Move(0.0, 2026, 2026))
    )


@pytest.mark.parametrize(
    ("levers", "says"),
    [
        ("capex_subsidy_share: 9", "该工具的取值范围为 0 至 0.5（占投资）。请填写范围内的数值，0 表示不起作用。"),
        ("capex_subsidy_shar: 0.1", "没有这项政策工具。是否指 capex_subsidy_share？"),
        ("new_clinker_ban: 0.5", "开关只能为 0 或 1。请填写 0（关）或 1（开）。"),
        ("a: b: c", "不是有效的 YAML"),
    ],
)
def test_faults_of_a_file_are_said_in_chinese(levers, says):
    head = "format: policy/1\nid: p\nname: {en: a, zh: b}\ndescription: {en: a, zh: b}\nbase: current\n"
    with pytest.raises(ScenarioError) as error:
        read_policy(f"{head}levers:\n  {levers}\n".encode(), PLACE)
    text = fault_text(error.value.faults[0], ZH)
    assert says in text
    assert text.startswith("第 ")
    assert "there is" not in fault_text(error.value.faults[0], ZH)
    assert not re.search("[\u4e00-\u9fff]", fault_text(error.value.faults[0], EN))


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (-0.000507, 0.296, ("−0.001", "0.296")), (0.889, 1.09, ("0.889", "1.09")), (0.4, 1234.0, ("0", "1,234")),
        (0.0, 0.0001, ("0", "0.000100")),
    ],
)  # fmt: skip
def test_an_end_of_a_range_that_is_next_to_nothing_has_the_decimals_of_the_other(low, high, shown):
    assert span(low, high) == shown


@pytest.mark.parametrize(("territorial", "position"), [(0.9, "top"), (1.1, "bottom")])
def test_the_label_of_the_peak_stands_where_no_other_line_runs(territorial, position):
    run = picture(preset_scenario(PLACE, "current"), 1)
    annual = run.annual | {"territorial_tco2": territorial * run.annual["dual_control_tco2"]}
    view = View("done", (replace(run, annual=annual),), (replace(run, annual=annual),), 1)
    chart = make_chart("emissions", Scene(view, preset_scenario(PLACE, "current"), "X", ZH))
    main = next(s for s in chart.option["series"] if s["id"] == "dual_control")
    assert main["markPoint"]["label"]["position"] == position


def refused(data: bytes, words: Words) -> str:
    with pytest.raises(ScenarioError) as error:
        read_policy(data, PLACE)
    return fault_text(error.value.faults[0], words)


def test_a_file_of_another_kind_is_named():
    assert refused(b"format: place/1\nid: x\n", ZH).startswith("这是地区文件，不是政策文件")
    assert refused(b"format: study/1\nid: x\n", EN).startswith("This file is a study, not a policy")
    assert refused(b"format: nonsense\nid: x\n", ZH).startswith("这不是政策文件")


def test_a_file_that_is_not_utf_8_is_refused_as_the_browser_hands_it_over():
    """A browser reads the bytes of GBK as UTF-8 and puts U+FFFD for each that it cannot read."""
    handed = "format: policy/1\nid: a\nname: {en: A, zh: 政策}\n".encode("gbk").decode("utf-8", "replace").encode()
    assert "UTF-8" in refused(handed, ZH)
    assert "UTF-8" in refused(handed, EN)


@pytest.mark.parametrize("text", ["format: policy/1\n\tid: x\n", "a: b\n- c\n", "<html>\n a: b\n</html>\n", "a: - b\n"])
def test_what_is_wrong_with_yaml_is_said_in_chinese(text):
    said = refused(text.encode(), ZH)
    assert "不是有效的 YAML" in said
    assert not re.search("found|expected|document|allowed|character", said), said


def test_a_link_of_another_version_says_that_nothing_was_taken():
    found = from_query("v=2&p=ambitious", PLACE)
    assert scene.link_note(found.unread, ZH) == "此链接由其他版本生成（v=2），其中设置均未采用，以下为现行方案。"
    assert found.draft == Draft(PLACE, "current")
    assert scene.link_note(("p=x", "y"), EN).endswith("left out: p=x, y")


def test_scenarios_kept_to_compare_are_still_running():
    view = view_of((98, 100), (96, 100), status="ensemble")
    assert scene.status(view, EN)["text"].startswith("2 pairs of runs; the scenarios kept")
    assert scene.status(replace(view, wanted=3), EN)["text"].startswith("2 of 3 pairs")


def test_a_policy_goes_to_a_file_and_comes_back(tmp_path):
    file = tmp_path / "my_policy.yaml"
    file.write_text(policy_text(draft()), encoding="utf-8")
    assert load_scenario(PLACE, policy=file).hash == draft().scenario().hash  # what `run --policy FILE` does
    back, names = read_policy(file.read_bytes(), PLACE)
    assert back.scenario().hash == draft().scenario().hash
    assert back.preset == "current"
    assert names["zh"] == "我的政策"


@pytest.mark.parametrize("preset", ["none", "current", "ambitious"])
def test_an_unchanged_preset_goes_round(preset):
    back, _ = read_policy(policy_text(Draft(PLACE, preset)).encode(), PLACE)
    assert back == Draft(PLACE, preset)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x00\x01", b"format: place/1\n", b"format: policy/1\n", b"a: &x [*x]", b"x" * 300_000,
        b"format: policy/1\nid: x\nname: {en: a, zh: b}\ndescription: {en: a, zh: b}\nlevers: {capex_subsidy_share: 9}",
        b"format: policy/1\nid: x\nbase: passwd\nname: {en: a, zh: b}\ndescription: {en: a, zh: b}\nlevers: {}",
        "format: policy/1\nid: x\nname: {en: \u202ea, zh: b}\ndescription: {en: a, zh: b}\nlevers: {}".encode(),
    ],
)  # fmt: skip
def test_a_bad_upload_changes_nothing_but_the_faults(data):
    with pytest.raises(ScenarioError):
        read_policy(data, PLACE)
    session = act(Session(), {"do": "upload", "text": data.decode("latin-1")}, 0.0)
    assert session.draft == Draft()


def test_a_base_is_never_looked_for_beside_an_upload(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.yaml").write_text(policy_text(draft()), encoding="utf-8")
    data = policy_text(Draft(PLACE)).replace("base: current", "base: secret").encode()
    with pytest.raises(ScenarioError):
        read_policy(data, PLACE)


def test_a_link_goes_round():
    query, whole = to_query(draft(), "none", "zh")
    shared = from_query(query, PLACE)
    assert whole
    assert (shared.draft, shared.baseline, shared.language, shared.unread) == (draft(), "none", "zh", ())


def test_a_path_of_a_file_does_not_fit_a_link_and_says_so():
    loaded, _ = read_policy(policy_text(draft()).encode(), PLACE)
    assert to_query(loaded, "none", "en")[1] is False


def test_a_hostile_link_is_kept_within_bounds():
    shared = from_query("v=1&p=../x&b=%00&lang=xx&l=capex_subsidy_share:99:1:9999,x:1,offpeak_days:nan,<script>", PLACE)
    move = shared.draft.by_key["capex_subsidy_share"]
    assert (move.value, move.start_year, move.full_year) == (0.5, 2020, 2035)
    assert shared.draft.preset == "current"
    assert shared.language is None
    assert len(shared.unread) == 5
    assert from_query("l=" + "9" * 10_000, PLACE).draft == Draft(PLACE)
    assert from_query("v=2&p=none", PLACE).draft == Draft(PLACE)


def test_a_link_opens_the_page_and_the_scenarios_kept_for_comparison():
    kept = (draft(), Draft(PLACE, "ambitious"), Draft(PLACE, "none"))
    session = replace(opened("", PLACE, "zh"), pins=kept, page="compare", language="en")
    query, is_whole = session.query()
    again = opened(query, PLACE, "zh")
    assert is_whole
    assert (again.page, again.pins, again.language, again.unread) == ("compare", kept, "en", ())


def test_a_link_made_on_the_page_of_links_leads_to_the_page_before():
    session = opened("", PLACE, "zh").go("scoreboard").go("files")
    assert opened(session.query()[0], PLACE, "zh").page == "scoreboard"


def test_a_shock_is_chosen_kept_and_shared():
    session = act(opened("", PLACE, "en"), {"do": "shock", "key": "summer_drought"}, 0.0)
    assert [shock.id for shock in session.draft.scenario().shocks] == ["summer_drought"]
    assert session.baseline_draft.scenario().shocks == ()
    session = act(session, {"do": "shock_baseline", "on": True}, 0.0)
    assert session.baseline_draft.shock == "summer_drought"
    session = act(act(session, {"do": "pin"}, 0.0), {"do": "preset", "key": "none"}, 0.0)
    assert session.draft == Draft(PLACE, "none", shock="summer_drought")
    again = opened(session.query()[0], PLACE, "en")
    assert (again.draft, again.pins, again.is_baseline_shocked) == (session.draft, session.pins, True)
    assert act(session, {"do": "shock", "key": "flood"}, 0.0) == session
    assert act(session, {"do": "undo"}, 0.0).draft.preset == "current"


def test_a_link_with_an_unknown_shock_names_it():
    again = opened("v=1&s=flood&k=none~deluge@", PLACE, "en")
    assert (again.draft.shock, again.pins[0].shock, again.unread) == ("", "", ("s=flood", "s=deluge"))


def test_a_link_names_the_pages_and_pins_that_it_cannot_open():
    again = opened("v=1&g=secret&k=current@offpeak_days:x&k=none@&k=none@&k=none@&k=ambitious@", PLACE, "zh")
    assert again.page == "explore"
    assert again.pins == (Draft(PLACE, "current"), Draft(PLACE, "none"))
    assert again.unread == ("offpeak_days:x", "k=none@", "k=ambitious@", "g=secret")


def test_a_link_that_would_be_too_long_leaves_the_kept_scenarios_out():
    moves = {key: Move(lever.low, 2025, 2030) for key, lever in acting_levers().items()}
    long = Draft(PLACE, "current", tuple(sorted(moves.items())))
    query, is_whole = to_query(long, "none", "zh", "compare", (long, long))
    assert not is_whole
    assert len(query) <= 4000
    assert from_query(query, PLACE).draft == long
    assert opened(None, PLACE, "zh").language == "zh"


def test_the_data_say_what_was_run():
    text = scene.data_csv(Session(), view_of((98, 100), (96, 100))).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0].startswith("# transition_sim")
    assert "# shock: none, of the baseline: none" in lines
    assert lines[5].startswith("run,seed,year,")
    assert len(lines) == 6 + 2 * 2 * YEARS.size


def test_the_data_are_those_of_the_run_to_the_last_digit():
    view = view_of((98, 100), (96, 100))
    exact = [replace(p, annual={"gdp_cny": np.full(YEARS.size, 217778561823.65878)}) for p in view.policy]
    text = scene.data_csv(Session(), replace(view, policy=exact)).decode("utf-8-sig")
    table = pd.read_csv(io.StringIO(text), comment="#")
    assert set(table.loc[table["run"] == "policy", "gdp_cny"]) == {217778561823.65878}


# --- what is said -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])
def test_a_failed_run_is_a_sentence(words):
    errors = [ConservationError("B08 money", 1.5, "CNY", "2027Q3"), RuntimeError(), ZeroDivisionError("x\nTraceback")]
    for error in errors:
        status = scene.status(View("failed", error=error), words)
        assert status["error"]
        assert "Traceback" not in status["error"]
    assert "B08" in scene.failure(errors[0], words)


def test_the_caution_states_the_share_of_the_registry():
    assert f"{100 * registry.low_confidence_share():.0f} %" in scene.caution(EN)


def test_a_portfolio_is_refused_with_what_to_do_instead():
    with pytest.raises(ScenarioError) as caught:
        check_place("sichuan_17_pilots")
    assert [(f.field, f.value, f.rule) for f in caught.value.faults] == [
        ("--place", "sichuan_17_pilots", "the browser shows one place at a time, and this is a portfolio")
    ]
    assert "transition-sim run sichuan_17_pilots" in caught.value.faults[0].remedy


def test_differences_of_percentages_are_points():
    assert (EN.change_unit("%"), ZH.change_unit("%")) == ("percentage points", "百分点")
    assert (EN.change_unit("year"), EN.change_unit("MtCO2"), ZH.change_unit("MtCO2")) == (
        "years", "MtCO₂", "万吨二氧化碳",
    )  # fmt: skip
