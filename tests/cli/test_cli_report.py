"""The report of a run with known figures, in English and Chinese."""

import io

import pytest
from rich.console import Console
from synthetic_run import DUAL_MT, synthetic_result

from transition_sim.cli.report import highest_years, one_line, own_settings, payer_parts, run_report
from transition_sim.cli.words import Words, group_warnings
from transition_sim.scenarios import load_scenario
from transition_sim.world.recorder import PLACE_INDEX


def printed(lang="en", verbose=False):
    console = Console(width=150, record=True, file=io.StringIO(), highlight=False)
    for part in run_report(synthetic_result(), Words(lang), "Plan", 1.0, verbose):
        console.print(part)
    return console.export_text()


def row(text, start):
    """Return the cells of the first line that starts with a text."""
    line = next(line for line in text.splitlines() if line.strip().startswith(start))
    return line.strip().removeprefix(start).split()


def test_the_peak_is_shown_on_both_bases_with_what_is_uncertain():
    """A37: 2023 at (9.9 + 10 + 9.9)/3, confirmed by 8, 7, 6 <= 9.9; years >= 9.8 are 2022-2024; the other rises."""
    text = printed()
    assert row(text, "Dual control: energy used, net of power trade") == [
        "2023", "9.93", "yes", "no", "2022-2024,", "3", "years", "sharp",
    ]  # fmt: skip
    assert row(text, "Territorial: burnt here, power plants included") == [
        "2031", "11.5", "no", "yes", "2031,", "1", "year", "still", "rising",
    ]  # fmt: skip


def test_a_single_year_above_the_mean_that_makes_the_peak_is_named():
    """A dry 2026 of 10.5 Mt: (9.9 + 10 + 9.9)/3 = 9.93 at 2023 stays above (9 + 10.5 + 7)/3 = 8.83."""
    dry = tuple(10.5 if year == 2026 else mt for year, mt in zip(range(2020, 2032), DUAL_MT, strict=True))
    result = synthetic_result(dual_mt=dry)
    assert list(highest_years(result, Words("en"))) == [
        "Highest single year, dual control: 2026, 10.5 Mt. The peak year goes by means of three years."
    ]
    assert "Highest single year" not in printed()


def test_years_shown_are_the_round_ones_and_the_last():
    text = printed()
    assert row(text, "CO₂, dual control, Mt") == ["8.00", "9.00", "4.00", "3.00"]  # 2020, 2025, 2030, 2031
    assert row(text, "Non-fossil share of energy, %") == ["25.0"] * 4  # 1 of 4 Mtce
    assert row(text, "CO₂ per GDP, dual control, t/10k CNY")[0] == "0.800"  # 8e6 t over 100e9 CNY = 0.8 t per 10k CNY


def test_the_published_range_stands_beside_the_base_year():
    assert "Range that the sources of the place leave for CO₂ in 2020, territorial: 7.00-9.00 Mt" in printed()


def test_adoption_lists_green_technologies_by_rise_and_keeps_brackets():
    text = printed()
    assert row(text, "Fast [pump]") == ["0.0", "0.0", "0.0", "50.0"]
    assert text.index("Fast [pump]") < text.index("Slow lamp")
    assert "Old boiler" not in text


def test_public_money_over_the_run():
    """12 years: 1200 of subsidies and 480 of credits paid, 360 of surcharges taken: 1680 - 360 = 1320."""
    text = printed()
    assert row(text, "capital subsidies") == ["1,200"]
    assert row(text, "paid in all") == ["1,680"]
    assert row(text, "net cost") == ["1,320"]
    assert row(text, "large enterprises") == ["120", "0.00"]  # 10 M CNY a year
    assert row(text, "small enterprises") == ["0.00", "0.00"]


def test_weak_figures_and_defaults_are_named():
    text = printed()
    assert "60 % of the model's parameters are assumptions" in text
    assert "48 enterprises went out of business." in text  # 4 a year


def test_warnings_of_a_kind_are_one_line_and_listed_when_asked():
    text, full = printed(), printed(verbose=True)
    assert "levers are set above this level of government: a park cannot pull them alone (--verbose)" in text
    assert "tax_credit_share" not in text
    assert "tax_credit_share" in full


def test_chinese_report_has_no_english_words():
    text = printed("zh")
    assert row(text, "双控口径：能源消费，含净调入电力")[:3] == ["2023", "993", "是"]  # 9.93 Mt are 993 万吨
    assert "Peak" not in text
    assert "dual" not in text


def test_what_was_set_beside_the_policy_is_named_and_the_years_are_not():
    scenario = load_scenario("minimal", policy="current", sets=["levers.publicity=0.5"], end_year=2031)
    assert own_settings(scenario) == ["levers.publicity (--set)"]
    assert own_settings(load_scenario("minimal", policy="ambitious")) == []
    assert "Set beside the policy: place.gate.co2" in printed()


def test_small_sums_are_counted_in_wan_yuan():
    """1.2 M CNY of subsidies over 12 years are 120 万元, and 0.012 亿元 that nobody reads."""
    result = synthetic_result()
    money = [PLACE_INDEX[name] for name in ("subsidy_cny", "tax_credit_cny", "surcharge_cny", "capex_cny")]
    result.recorder.place[:, money] /= 1e3
    result.recorder.agent[:] /= 1e3
    console = Console(width=150, record=True, file=io.StringIO(), highlight=False)
    for part in payer_parts(result, Words("zh")):
        console.print(part)
    text = console.export_text()
    assert "万元" in text
    assert row(text, "投资补贴") == ["120"]
    assert "亿元" in printed("zh")


def test_quiet_line():
    assert one_line(synthetic_result(), Words("en")) == "Carbon peak 2023, 9.93 Mt, confirmed: yes"


def test_a_lone_warning_and_an_unknown_one_keep_their_words():
    lone = "levers.a: set by nation; a city cannot pull it alone"
    assert group_warnings((lone, "horizon.start_year: late"), Words("en")) == [
        ("horizon.start_year: late", []),
        (lone, []),
    ]


@pytest.mark.parametrize(
    ("lang", "line"), [("en", "2 levers are read by no rule"), ("zh", "2 项政策工具在本版本中不起作用")]
)
def test_levers_that_nothing_reads_are_counted(lang, line):
    warnings = tuple(
        f"levers.{key}: no rule of this version reads the lever; it changes nothing" for key in ("one", "two")
    )
    [(text, keys)] = group_warnings(warnings, Words(lang))
    assert text.startswith(line)
    assert keys == ["one", "two"]
