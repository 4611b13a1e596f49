"""Words of the scoreboard in English and Chinese."""

from typing import Any, Protocol

from transition_sim.scenarios.targets import Target
from transition_sim.scenarios.words.units import plan_figure, plan_unit

_WORDS = {
    "base": ("{year}", "{year}年"),
    "by_year": ("by {value}", "{value}年前"),
    "at_least": ("≥ {value} {unit}", "≥ {value} {unit}"),
    "at_most": ("≤ {value} {unit}", "≤ {value} {unit}"),
    "falling": ("falls", "下降"),
    "rising": ("rises", "上升"),
    "since": ("{plan} vs {year}", "{plan}，较{year}年"),
    "stated_nowhere": ("not stated", "未给出"),
    "capability": ("Capability", "能力建设"),
    "emission_path": ("Emission path", "排放路径"),
    "energy_system": ("Energy system", "能源体系"),
    "finance_fairness": ("Finance and fairness", "资金与公平"),
    "industry": ("Industry and resources", "产业与资源"),
    "replicability": ("Replicability", "可复制性"),
    "met": ("met", "达到"),
    "on_track": ("on track", "进度正常"),
    "lag": ("lag", "滞后"),
    "missed": ("missed", "未达到"),
    "not_modelled": ("not modelled", "未模拟"),
    "dimension": ("dimension", "维度"),
    "dimensions": ("Six dimensions, side by side; nothing is added up", "六个维度并列展示，不作加总"),
    "id": ("id", "编号"),
    "indicator": ("indicator", "指标"),
    "marks": (
        "* year read by us, the document states none; ° words without a number, read by us",
        "* 文件未给年份，由本模型理解；° 文件无数值，由本模型理解",
    ),
    "model": ("model, median", "模型中位数"),
    "base_head": ("base year", "基年"),
    "notes": ("Where the model's figure differs from the official statistic", "模型口径与官方统计的差异"),
    "no_order": (
        "Status is that of at least half of the runs. No rank and no total: places that peak in one year can differ in"
        " everything else.",
        "状态以至少半数模拟为准。不排名、不加总：达峰年份相同的地区，其他方面可以完全不同。",
    ),
    "none": (
        "No plan or programme in the tables states a target for this place.",
        "数据表中没有针对该地区的规划或试点目标。",
    ),
    "plan": ("plan", "规划目标"),
    "probability": ("met in runs, %", "达到的模拟占比%"),
    "progress": ("progress, %", "进度%"),
    "range": ("5-95 %", "5-95%区间"),
    "reason": ("reason", "原因"),
    "runs": ("{n} runs, seeds {first} to {last}", "{n} 次模拟，种子 {first} 至 {last}"),
    "runs_1": ("1 run, seed {first}", "1 次模拟，种子 {first}"),
    "status": ("status", "状态"),
    "target": ("target", "目标"),
    "targets": ("Targets of the plan", "规划目标对照"),
    "at_year": ("{value} ({year})", "{value}（{year}年）"),
    "title": ("Scoreboard", "规划目标记分板"),
    "unmodelled": ("Targets that this version does not model", "本版本未模拟的目标"),
    "unit": ("unit", "单位"),
    "figure_note": (
        "dots: runs; line: target; shaded: reached; ring: base year",
        "点：各次模拟；竖线：目标；阴影：达到；圆环：基年",
    ),
}


class Speaker(Protocol):
    """Whoever knows the language of its reader: the words of the terminal, or those of the browser."""

    @property
    def is_chinese(self) -> bool: ...

    def name(self, names: Any) -> str: ...


class BoardWords:
    """The scoreboard's words in the language of a speaker."""

    def __init__(self, words: Speaker):
        self.words = words
        self.is_chinese = words.is_chinese

    def __call__(self, key: str, **parts: object) -> str:
        if parts.get("n") == 1 and f"{key}_1" in _WORDS:
            key = f"{key}_1"
        return _WORDS[key][self.is_chinese].format(**parts)

    def of(self, row: object, stem: str) -> str:
        """Return ``stem_en`` or ``stem_zh`` of an object."""
        return str(getattr(row, f"{stem}_{'zh' if self.is_chinese else 'en'}"))

    def unit(self, unit: str) -> str:
        """Return a unit in the language; a figure in it is ``shown``."""
        return plan_unit(unit, self.is_chinese)

    def shown(self, value: Any, unit: str) -> Any:
        """Return a figure, or an array of them, in the unit of the language: 100 bn CNY are 1000 亿元."""
        return plan_figure(value, unit, self.is_chinese)

    def plan(self, target: Target) -> str:
        """Return what the plan wants, such as ``≥ 35 %`` or ``by 2030``."""
        if target.value is None and target.direction not in ("falling", "rising"):
            return self("stated_nowhere")
        value = "" if target.value is None else _plain(self.shown(target.value, target.unit), target.unit)
        plan = self(target.direction, value=value, unit=self.unit(target.unit))
        return plan if target.base_year is None else self("since", plan=plan, year=target.base_year)


def _plain(value: float, unit: str) -> str:
    """Return a figure as a plan states it: 35, −19.5, 4,869; a year without a comma."""
    text = f"{value:g}" if unit == "year" or abs(value) < 1000 else f"{value:,.0f}"
    return text.replace("-", "−")
