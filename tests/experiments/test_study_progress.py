"""What a study says while it runs and at its end, in both languages."""

import time
from string import Formatter

import planted_runs
import pytest
from study_makers import SMALL, HerePool
from typer.testing import CliRunner

from transition_sim.cli import words as cli_words
from transition_sim.cli.app import app
from transition_sim.cli.study_progress import cost, duration, pace
from transition_sim.cli.words import Words
from transition_sim.experiments import runs
from transition_sim.experiments.driver import Estimate, run_study
from transition_sim.experiments.engine import Progress
from transition_sim.experiments.study import load_study

EN, ZH = Words("en"), Words("zh")


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (89.4, "89 s", "89 秒"),
        (720.0, "12 min", "12 分钟"),
        (5400.0, "1.5 h", "1.5 小时"),  # 90 min
        (12600.0, "3.5 h", "3.5 小时"),
    ],
)
def test_a_time_in_words(seconds, en, zh):
    assert (duration(seconds, EN), duration(seconds, ZH)) == (en, zh)


def test_pace_and_cost_by_hand(monkeypatch):
    """20 runs in 10 s are 2 a second; 100 - 40 left take 30 s. 1000 runs of 0.5 s on two workers: 250 s, 4 min."""
    progress = Progress(total=100, done=40, failed=3, fresh=20, started=0.0)
    monkeypatch.setattr(time, "perf_counter", lambda: 10.0)
    assert pace(progress, EN) == "2/s, 30 s left, 3 failed"
    assert pace(progress, ZH) == "每秒 2 次，剩余 30 秒，3 次出错"
    assert pace(Progress(total=100), ZH) == "正在启动工作进程……"
    estimate = Estimate(pending=1000, run_s=0.5, workers=2, total_s=250.0, total_bytes=3.2e6)
    assert cost(estimate, EN) == "0.5 s a run (measured): about 4 min with 2 workers, 3.2 MB on disk."
    assert cost(estimate, ZH) == "每次模拟 0.5 秒（实测）：2 个工作进程约需 4 分钟，占用磁盘 3.2 MB。"
    one = Estimate(pending=1, run_s=0.5, workers=1, total_s=45.0, total_bytes=2e9)
    assert cost(one, EN) == "0.5 s a run (measured): about 45 s with 1 worker, 2 GB on disk."


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_a_study_with_failed_runs_is_told_in_chinese(tmp_path):
    """Small: 2 policies x 2 points x 2 seeds; seed 2 fails, that is half of the 8 runs."""

    def fails_once(plan, scenario, seed):
        if seed == 2:
            raise runs.RunTimeout
        return planted_runs.simulate(plan, scenario, seed)

    def work(plan, task):
        return runs.work_with(fails_once, plan, task)

    run_study(load_study(SMALL), tmp_path / "s", pool=HerePool(), work=work)
    told = invoke("study", "status", tmp_path / "s", "--lang", "zh").stdout.splitlines()
    assert told[0] == "small：共 8 次模拟"
    assert [line.split() for line in told[1:4]] == [["待运行", "0"], ["已完成", "4"], ["超时", "4"]]
    assert told[4].startswith("  第 1 号模拟：超时：模拟用时超过 900 秒")
    assert "  run 1: timed out: the run took more than 900 s" in invoke("study", "status", tmp_path / "s").stdout


def test_a_dry_run_follows_the_language_and_the_locale(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    asked = ("study", "run", "q2_mix", "--dry-run", "--replicates", "3")
    said = "共 96 次模拟：1 个情形 × 32 个设计点 × 3 个种子，2020-2035年。"
    assert said in invoke(*asked, "--lang", "zh").stderr
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert said in invoke(*asked).stderr
    assert "96 runs" in invoke(*asked, "--lang", "en").stderr


def test_words_of_the_terminal_have_the_same_parts_in_both_languages():
    def parts(text):
        return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)

    for key, (english, chinese) in cli_words._WORDS.items():
        assert parts(english) == parts(chinese), key
