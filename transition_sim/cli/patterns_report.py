"""The bench of patterns as tables of a terminal, in English and Chinese."""

from collections.abc import Iterator

from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from transition_sim.cli.scoreboard_report import number
from transition_sim.cli.words import Words
from transition_sim.experiments.patterns import Bench, Judged, Pattern, PatternTest, patterns
from transition_sim.experiments.patterns.frame import verdict
from transition_sim.experiments.patterns.nulls import BASS, COST_OPTIMAL, MODEL, NO_GRAPH, TREND

STYLES = {"pass": "green", "fail": "red", "not_modelled": "dim", "not_measurable": "dim"}
_WORDS = {
    "title": (
        "Patterns of the literature, {place}, seeds {first} to {last}",
        "文献规律检验：{place}，种子 {first} 至 {last}",
    ),
    "id": ("id", "编号"),
    "kind": ("kind", "类别"),
    "test": ("pattern and what is measured", "规律与量测"),
    "unit": ("unit", "单位"),
    "range": ("range", "范围"),
    "value": ("median", "中位数"),
    "spread": ("5-95 % of seeds", "种子5-95%"),
    "score": ("seeds in range, %", "落入范围的种子%"),
    "verdict": ("verdict", "结论"),
    "pass": ("pass", "通过"),
    "fail": ("fail", "未通过"),
    "not_modelled": ("not modelled: fails", "未建模：计为未通过"),
    "not_measurable": ("cannot be measured here: fails", "此处无法量测：计为未通过"),
    "passed": (
        "{c} of {c_all} C patterns (targets of calibration) and {q} of {q_all} Q patterns (structure) hold.",
        "C类（校准目标）{c_all} 项中通过 {c} 项；Q类（结构检查）{q_all} 项中通过 {q} 项。",
    ),
    "nulls": (
        "Against null models: mean share of seeds in range; what a model cannot show counts as failing",
        "与零模型对照：落入范围种子占比均值；模型无法量测的规律计为未通过",
    ),
    "null": ("null model", "零模型"),
    "spoken": ("patterns it speaks of", "可比规律数"),
    "of_model": ("model, %", "本模型%"),
    "of_null": ("null model, %", "零模型%"),
    "beaten": ("beaten", "优于零模型"),
    "model_there": ("model there, %", "其中本模型%"),
    "null_there": ("null there, %", "其中零模型%"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    TREND: ("N1 each sector goes on as from 2020 to 2022", "N1 各行业按2020至2022年趋势外推"),
    NO_GRAPH: ("N2 the same model without a supply chain", "N2 去除供应链的同一模型"),
    COST_OPTIMAL: ("N3 everybody looks every quarter and takes the cheapest", "N3 全员每季度决策且取成本最低"),
    BASS: ("N4 one Bass curve for everything, p .03, q .38", "N4 统一巴斯扩散曲线，p=0.03，q=0.38"),
    "reasons": ("What does not hold", "未通过的项目"),
    "outside": ("{name}: {value} {unit}, wanted {range}.", "{name}：{value} {unit}，要求 {range}。"),
    "nothing": ("{name}: the model cannot show this yet.", "{name}：模型尚无法量测。"),
    "absent": ("{name}: nothing of the kind in {place}.", "{name}：{place} 无此对象。"),
    "fixed": (
        "Ranges are those of the literature and are never moved to what the model gives; the median over the seeds "
        "must lie in them. Only rules and parameters may change.",
        "范围取自文献，不随模型结果调整；以各种子中位数判定。只有规则和参数可以修改。",
    ),
}  # fmt: skip


class BenchWords:
    """Words of the bench, in the language of other words."""

    def __init__(self, words: Words):
        self.words = words

    def unit(self, unit: str) -> str:
        """Return a unit in the language."""
        return self.words.unit(unit)

    def __call__(self, key: str, **values: object) -> str:
        return _WORDS[key][1 if self.words.is_chinese else 0].format(**values)

    def of(self, row: Pattern | PatternTest, name: str = "name") -> str:
        """Return a field of a row in the language."""
        return str(getattr(row, f"{name}_{'zh' if self.words.is_chinese else 'en'}"))


def range_text(test: PatternTest) -> str:
    """Return the range of a test: ``0.4 .. 0.6``, ``>= 10``, ``<= 5``."""
    if test.low is None:
        return f"≤ {test.high:g}".replace("-", "−")
    if test.high is None or (test.unit == "share" and test.high == 1.0 and test.low < 1.0):
        return f"≥ {test.low:g}".replace("-", "−")
    return f"{test.low:g} .. {test.high:g}".replace("-", "−") if test.low < test.high else f"{test.low:g}"


def bench_parts(bench: Bench, words: BenchWords) -> Iterator[RenderableType]:
    """Yield the tests, how many patterns hold, the null models, and why what does not hold does not."""
    title = words("title", place=bench.place, first=bench.seeds[0], last=bench.seeds[-1])
    yield f"[bold]{escape(title)}[/bold]"
    yield pattern_table(bench, words)
    (c, c_all), (q, q_all) = bench.passed("C"), bench.passed("Q")
    yield words("passed", c=c, c_all=c_all, q=q, q_all=q_all)
    if len(bench.models) > 1:
        yield f"\n[bold]{words('nulls')}[/bold]"
        yield null_table(bench, words)
    failing = [j for j in bench.judged[MODEL] if not j.passes]
    if failing:
        yield f"\n[bold]{words('reasons')}[/bold]"
    for j in failing:
        yield escape(f"{j.test.pattern}  {reason(j, bench, words)}")
    yield words("fixed")


def reason(judged: Judged, bench: Bench, words: BenchWords) -> str:
    """Return why a test does not hold: what was found against what is wanted, and what is known of the cause."""
    test, kind = judged.test, verdict(judged)
    name = words.of(test)
    if kind == "fail":
        said = words(
            "outside", name=name, value=number(judged.value), unit=words.unit(test.unit), range=range_text(test)
        )
    else:
        place = test.place or bench.place
        said = words("nothing" if kind == "not_modelled" else "absent", name=name, place=place)
    return f"{said} {words.of(test, 'note')}".rstrip()


def pattern_table(bench: Bench, words: BenchWords) -> Table:
    """Return a row a test, under the name of its pattern."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for key in ("id", "kind", "test", "unit"):
        table.add_column(words(key), no_wrap=key == "id", overflow="fold")
    for key in ("range", "value", "spread", "score"):
        table.add_column(words(key), justify="right", no_wrap=key == "range")
    table.add_column(words("verdict"))
    for pattern in patterns().values():
        is_held = bench.passes(pattern.id)
        table.add_row(
            f"[bold]{pattern.id}[/bold]", pattern.kind, f"[bold]{escape(words.of(pattern))}[/bold]", "", "", "", "", "",
            f"[bold]{words('pass' if is_held else 'fail')}[/bold]", style=STYLES["pass" if is_held else "fail"],
        )  # fmt: skip
        for j in bench.of(pattern.id):
            spread = f"{number(j.low)} .. {number(j.high)}" if j.is_measured else "-"
            table.add_row(
                "", "", f"  {escape(words.of(j.test))}", words.unit(j.test.unit), range_text(j.test),
                number(j.value), spread, f"{100 * j.score:.0f}" if j.is_measured else "-", words(verdict(j)),
                style=STYLES[verdict(j)],
            )  # fmt: skip
    return table


def null_table(bench: Bench, words: BenchWords) -> Table:
    """Return a row a null model: how the model and it do on all patterns, and on those that it can speak of."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(words("null"))
    for key in ("of_model", "of_null", "beaten", "spoken", "model_there", "null_there"):
        table.add_column(words(key), justify="right")
    for null in bench.models[1:]:
        model, other = bench.whole_scores(null)
        model_there, null_there, n = bench.scores(null)
        shares = [f"{100 * share:.1f}" for share in (model, other, model_there, null_there)]
        table.add_row(words(null), *shares[:2], words("yes" if model > other else "no"), str(n), *shares[2:])
    return table
