"""The ten questions run and report; reports stand alone; exports are sound; the commands say what goes wrong."""

import hashlib
import json
import os
import re
import shutil

import pandas as pd
import planted_runs
import pytest
from study_makers import SMALL, HerePool
from typer.testing import CliRunner

from transition_sim.cli.app import app
from transition_sim.experiments import runs
from transition_sim.experiments.analyses.finding import Finding
from transition_sim.experiments.driver import run_study
from transition_sim.experiments.exports import export, iamc_faults, iamc_table
from transition_sim.experiments.library import find_study, list_studies
from transition_sim.experiments.report import Tongue, html, write_report
from transition_sim.experiments.study import load_study
from transition_sim.experiments.tables import read_results

CITY = ("q3_drought", "q4_structure")  # their variants name sectors and plants of the city


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "small"
    study = load_study({**SMALL, "name": {"en": "Small <study>", "zh": "小研究"}})
    run_study(study, folder, pool=HerePool(), work=planted_runs.work, command=["transition-sim", "study", "run"])
    return folder


def test_there_is_a_study_for_each_question():
    assert [name.split("_")[0] for name in sorted(list_studies(), key=lambda n: int(n[1:].split("_")[0]))] == [
        f"q{k}" for k in range(1, 11)
    ]
    for name in list_studies():
        study = load_study(name)
        assert study.spec.id == name
        assert study.n_runs <= 150
        assert study.years[-1] == 2035


LAST_YEARS = {"q3_drought": 2028}
"""Its droughts come from 2026 on."""


@pytest.mark.parametrize("name", list_studies())
def test_a_question_runs_and_reports(name, tmp_path):
    """On the small place where it fits, two years and one or two seeds: every analysis that it names is possible."""
    place = "guangan_city" if name in CITY else "minimal"
    until = LAST_YEARS.get(name, 2021)
    study = load_study(name, places=[place], until=until, replicates=2 if name in CITY else 1)
    found = run_study(study, tmp_path / "s", pool=HerePool(), work=runs.work)
    assert found.counts()["done"] == study.n_runs
    text = write_report(read_results(tmp_path / "s")).read_text(encoding="utf-8")
    assert "not possible" not in text
    assert text.count("data:image/png;base64,") == len(study.spec.analyses)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_report_stands_alone(planted, language):
    text = write_report(read_results(planted), language).read_text(encoding="utf-8")
    assert not re.findall(r"(?:src|href)=\"(?!data:)", text)
    assert "<script" not in text
    assert "Small &lt;study&gt;" in text if language == "en" else "小研究" in text
    study = load_study(SMALL)
    for needed in (study.hash, "hurdle_small_per_year", "0.21 - 0.39", "transition-sim study run study.yaml",
                   "replicates: 2", "Apache-2.0"):  # fmt: skip
        assert needed in text
    assert ("Limits" if language == "en" else "局限") in text
    assert ("% of the model" if language == "en" else "参数中") in text


@pytest.mark.parametrize(("language", "summary"), [("en", "Table, 13 rows"), ("zh", "数据表，13 行")])
def test_a_long_table_waits_under_its_figure(planted, language, summary):
    """Twelve rows stand in sight, thirteen when somebody asks for them."""

    def finding(n):
        return Finding("a", ("A", "甲"), pd.DataFrame({f"of_{n}": range(n)}), (), lambda figure, words: None)

    text = html(read_results(planted), [finding(12), finding(13)], Tongue(language))
    [folded] = re.findall(r"<details>(.*?)</details>", text, re.DOTALL)
    assert f"<summary>{summary}</summary>" in folded
    assert "of_13" in folded
    assert "of_12" in text.replace(folded, "")


@pytest.mark.parametrize(("language", "needed", "factor"), [("en", "92.6 %", "Hurdle"), ("zh", "92.6%", "")])
def test_shares_have_their_sign_and_factors_their_names_first(planted, language, needed, factor):
    """All of 48 runs: Wilson's interval begins at 48 / (48 + 1.96^2) = 92.6 %; without shares ends are plain."""
    peaking = pd.DataFrame({"year": [2026], "peaked_share": [1.0], "low": [48 / (48 + 1.96**2)], "high": [1.0]})
    other = pd.DataFrame({"difference": [0.5], "low": [0.25], "high": [0.75]})
    findings = [Finding("a", ("A", "甲"), table, (), lambda figure, words: None) for table in (peaking, other)]
    text = html(read_results(planted), findings, Tongue(language))
    assert f"<td>{needed}</td>" in text
    assert "<td class=n>0.25</td>" in text
    [cell] = re.findall(r"<td>([^<]*)\(hurdle_small_per_year\)</td>", text)
    assert len(cell.strip()) > 3
    assert cell.startswith(factor)


def test_a_report_names_failed_runs(tmp_path):
    def fails_once(plan, scenario, seed):
        if seed == 2:
            raise ValueError("bad <luck>")
        return planted_runs.simulate(plan, scenario, seed)

    def work(plan, task):
        return runs.work_with(fails_once, plan, task)

    run_study(load_study(SMALL), tmp_path / "s", pool=HerePool(), work=work)
    text = write_report(read_results(tmp_path / "s")).read_text(encoding="utf-8")
    assert "4 runs did not come to their end" in text
    assert "ValueError: bad &lt;luck&gt;" in text


def test_the_record_lists_files_with_their_hashes(planted):
    write_report(read_results(planted))
    graph = {item["@id"]: item for item in json.loads((planted / "ro-crate-metadata.json").read_text())["@graph"]}
    assert graph["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    named = [part["@id"] for part in graph["./"]["hasPart"]]
    assert {"study.json", "manifest.json", "tables/runs.parquet", "report.html", "analyses/ensemble.png"} <= set(named)
    for name in named:
        assert graph[name]["sha256"] == hashlib.sha256((planted / name).read_bytes()).hexdigest()


def test_exports_agree_with_the_tables(planted, tmp_path):
    results = read_results(planted)
    runs_csv, annual_csv = export(results, "csv", tmp_path)
    assert pd.read_csv(runs_csv)["gdp_bn_cny"].tolist() == pytest.approx(results.runs["gdp_bn_cny"].tolist(), rel=1e-14)
    assert len(pd.read_csv(annual_csv)) == 8 * 3
    [path] = export(results, "iamc", tmp_path)
    table = pd.read_csv(path)
    assert list(table.columns[:5]) == ["Model", "Scenario", "Region", "Variable", "Unit"]
    assert len(table) == 8 * 4  # both CO2 totals, GDP, energy
    first = table[table["Variable"] == "Emissions|CO2|Dual Control"].iloc[0]
    assert first["2020"] == pytest.approx(results.annual("dual_control_tco2").loc[0, 2020] / 1e6)


def test_units_of_the_long_table_part_flows_from_stocks(tmp_path):
    """A year's sum is a flow; what stands at the end of a year, a mean and a highest value are none."""
    annual = ["capex_cny", "so2_t", "tariff_cny_per_mwh", "storage_mwh", "loans_cny", "peak_load_mw", "defaults"]
    run_study(load_study({**SMALL, "annual": annual}), tmp_path / "s", pool=HerePool(), work=planted_runs.work)
    table = iamc_table(read_results(tmp_path / "s")).drop_duplicates("Variable").set_index("Variable")["Unit"]
    assert table.filter(like="Transition|").to_dict() == {
        "Transition|capex_cny": "CNY_2020/yr", "Transition|so2_t": "t/yr", "Transition|tariff_cny_per_mwh": "CNY/MWh",
        "Transition|storage_mwh": "MWh", "Transition|loans_cny": "CNY_2020", "Transition|peak_load_mw": "MW",
        "Transition|defaults": "",
    }  # fmt: skip


def test_several_places_under_one_policy_have_no_pairs_and_a_report(tmp_path):
    several = {**SMALL, "places": ["minimal", "cement_county"], "policies": ["current"], "until": 2021}
    run_study(load_study(several), tmp_path / "s", pool=HerePool(), work=planted_runs.work)
    found = invoke("analyse", "paired", tmp_path / "s")
    assert (found.exit_code, "at least two policies or variants of a place" in found.stderr) == (2, True)
    page = write_report(read_results(tmp_path / "s")).read_text(encoding="utf-8")
    assert "Policies in pairs" not in page


def test_an_option_is_named_where_its_value_is_at_fault():
    found = invoke("study", "run", "q1_levers", "--until", "2019", "--dry-run")
    assert (found.exit_code, "arguments: --until = 2019: the last year lies" in found.stderr) == (2, True)
    found = invoke("study", "run", "q1_levers", "--place", "nowhere", "--dry-run")
    assert (found.exit_code, "arguments: --place = nowhere: the library has no" in found.stderr) == (2, True)
    found = invoke("evaluate", "minimal", "--year", "2500")
    assert (found.exit_code, "arguments: --year = 2500" in found.stderr) == (2, True)


def test_an_option_of_one_value_is_given_once():
    found = invoke("run", "minimal", "--policy", "current", "--policy", "none", "--until", "2021")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "'--policy': give it once" in found.stderr


def test_a_study_that_stopped_before_its_tables_says_how_far_it_is(tmp_path):
    run_study(load_study(SMALL), tmp_path / "s", pool=HerePool(), work=planted_runs.work)
    shutil.rmtree(tmp_path / "s" / "tables")
    found = invoke("study", "export", tmp_path / "s")
    assert found.exit_code == 2
    assert "stopped before its tables were made; 8 of 8 runs are done. Go on with" in found.stderr


def test_a_folder_that_nobody_may_write_in_is_refused_before_the_runs(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    refused = f"nothing can be written in {tmp_path}. Choose another"
    found = invoke("study", "run", "q1_levers", "--place", "minimal", "--until", "2021", "--out", tmp_path / "s")
    assert (found.exit_code, refused in found.stderr, list(tmp_path.iterdir())) == (2, True, [])
    found = invoke("run", "minimal", "--until", "2022", "--checkpoint", f"2021={tmp_path / 'half'}")
    assert (found.exit_code, refused in found.stderr, list(tmp_path.iterdir())) == (2, True, [])


@pytest.mark.parametrize(
    ("command", "made", "remedy"),
    [
        (("study", "export"), "export", "Choose another folder."),
        (("analyse", "ensemble"), "analyses", "Choose another folder."),
        (("report",), "report.html", "Copy the folder of the study to where you may write."),
    ],
)
def test_a_study_in_a_folder_that_nobody_may_write_in_is_told(tmp_path, monkeypatch, command, made, remedy):
    folder = tmp_path / "s"
    run_study(load_study(SMALL), folder, pool=HerePool(), work=planted_runs.work)
    monkeypatch.setattr("os.access", lambda path, mode: not mode & os.W_OK)
    found = invoke(*command, folder)
    assert found.exit_code == 2
    assert f"nothing can be written in {folder}. {remedy}" in found.stderr
    assert not (folder / made).exists()


def test_a_measure_that_does_not_exist_is_refused_by_every_analysis(planted):
    for name in ("peaking", "ensemble"):
        found = invoke("analyse", name, planted, "--measure", "nothing")
        assert (found.exit_code, "there is no such measure" in found.stderr) == (2, True)


def test_an_unsound_long_table_is_told():
    table = pd.DataFrame({"Model": ["m", "m"], "Scenario": ["s", "s"], "Region": ["", "r"], "Variable": ["v", "v"],
                          "Unit": ["a", "b"], 2020: [1.0, float("nan")]})  # fmt: skip
    assert iamc_faults(table) == ["Region is empty in some rows", "some values are no finite numbers",
                                  "a variable has several units"]  # fmt: skip
    assert iamc_faults(pd.concat([table.iloc[[1]]] * 2).fillna(0)) == ["rows are repeated"]


def test_the_long_table_opens_in_pyam(planted):
    pyam = pytest.importorskip("pyam")
    table = iamc_table(read_results(planted))
    assert len(pyam.IamDataFrame(table).timeseries()) == len(table)


# --- commands ---------------------------------------------------------------------------------------------------------


def test_studies_are_listed_in_both_languages():
    assert "Q3 Drought stress" in invoke("studies").stdout
    chinese = invoke("studies", "--lang", "zh").stdout
    assert "Q3 干旱压力" in chinese
    assert "逐项变动" in chinese
    assert "one_at_a_time" not in chinese


def test_a_dry_run_says_the_size_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = invoke("study", "run", "q2_mix", "--dry-run", "--replicates", "3")
    assert answer.exit_code == 0
    assert "96 runs: 1 x 32 points x 3 seeds, 2020-2035." in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_commands_on_a_finished_study(planted, tmp_path):
    answer = invoke("study", "status", planted)
    assert "small: 8 runs" in answer.stdout
    assert re.search(r"done +8", answer.stdout)
    answer = invoke("analyse", "paired", planted, "--out", tmp_path)
    assert answer.exit_code == 0, answer.output
    assert (tmp_path / "paired.png").is_file()
    assert invoke("study", "export", planted, "--format", "iamc", "--out", tmp_path).exit_code == 0
    assert invoke("report", planted, "--lang", "zh").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["analyse", "sobol", "{planted}"], "design saltelli"),
        (["analyse", "nothing", "{planted}"], "The analyses are"),
        (["analyse", "paired", "{planted}", "--measure", "orders"], "keeps the measures"),
        (["analyse", "ensemble", "{planted}", "--column", "hydro_mwh"], "the study keeps"),
        (["report", "{empty}"], ": DIR: the folder holds no study"),
        (["study", "status", "{empty}"], ": DIR: the folder holds no study"),
        (["study", "run", "q99"], "the library has no study of this name"),
    ],
)
def test_mistakes_are_faults_without_a_traceback(planted, tmp_path, arguments, words):
    answer = invoke(*(a.format(planted=planted, empty=tmp_path) for a in arguments))
    assert answer.exit_code == 2
    assert words in answer.stderr
    assert "Traceback" not in answer.output


def test_every_preset_says_what_it_asks_in_both_languages():
    for name in list_studies():
        data = find_study(name).data
        assert data["question"].endswith("?")
        assert {"en", "zh"} == set(data["name"]) == set(data["description"])
