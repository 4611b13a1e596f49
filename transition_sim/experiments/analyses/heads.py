"""Heads of the tables of analyses, as a reader says them, in English and Chinese; the files keep the short names."""

import math
from collections.abc import Iterable
from functools import cache
from typing import Any

from transition_sim.experiments.analyses.differences import step_in_chinese
from transition_sim.measures import FURTHER_MEASURES, MEASURES
from transition_sim.scenarios import registry
from transition_sim.scenarios.words.units import in_figures, plan_unit, unit_word

HEADS: dict[str, tuple[str, str]] = {
    "a": ("A", "A"),
    "abated_high": ("to", "上限"),
    "abated_low": ("from", "下限"),
    "abated_mtco2": ("abated, MtCO₂", "减排，万吨CO₂"),
    "above": ("threshold", "阈值"),
    "above_unit": ("unit of the threshold", "阈值单位"),
    "alone": ("alone", "单独实施"),
    "at_start_share": ("highest in the first year, share", "首年即最高，占比"),
    "b": ("B", "B"),
    "best_share": ("best in, share of states", "最优占比"),
    "case": ("case", "情形"),
    "chance": ("mere chance", "随机水平"),
    "change": ("change", "变动"),
    "contribution": ("contribution", "贡献"),
    "coverage": ("coverage", "覆盖率"),
    "density": ("density", "密度"),
    "difference": ("difference", "差值"),
    "factor": ("factor", "因素"),
    "first": ("alone, share of variance", "单独解释方差"),
    "first_half_width": ("±", "±"),
    "high": ("to", "上限"),
    "holds": ("holds", "成立"),
    "index": ("index", "指数"),
    "investment_cny_per_tco2": ("investment, CNY/tCO₂", "投资，元/吨CO₂"),
    "investment_high": ("to", "上限"),
    "investment_low": ("from", "下限"),
    "is_high": ("high", "偏高"),
    "is_identified": ("identified", "可识别"),
    "is_met": ("met", "满足"),
    "last": ("on top of all others", "在其他之上"),
    "leaf": ("leaf", "叶"),
    "low": ("from", "下限"),
    "mass": ("share of runs", "模拟占比"),
    "matters": ("matters", "高于随机水平"),
    "mean": ("mean", "均值"),
    "mean_effect": ("mean effect", "平均效应"),
    "mean_size": ("mean size of the effect", "平均效应大小"),
    "mean_size_half_width": ("±", "±"),
    "measure": ("measure", "指标"),
    "median": ("median", "中位数"),
    "observed": ("observed", "观测值"),
    "open_share": ("could still move, share", "可能后移，占比"),
    "option": ("option", "方案"),
    "overlap": ("overlap", "重叠"),
    "pairs": ("pairs", "对数"),
    "pairs_for_tenth": ("pairs for ±10 %", "±10%所需对数"),
    "part": ("part", "部分"),
    "peaked_share": ("peaked, share of runs", "已达峰，占比"),
    "plateau_share": ("plateau, share", "平台，占比"),
    "prior_high": ("prior to", "先验上限"),
    "prior_low": ("prior from", "先验下限"),
    "prior_median": ("prior median", "先验中位数"),
    "public_cny_per_tco2": ("public money, CNY/tCO₂", "财政资金，元/吨CO₂"),
    "public_high": ("to", "上限"),
    "public_low": ("from", "下限"),
    "q05": ("5 %", "5%"),
    "q25": ("25 %", "25%"),
    "q50": ("median", "中位数"),
    "q75": ("75 %", "75%"),
    "q95": ("95 %", "95%"),
    "range_high": ("range to", "取值上限"),
    "range_low": ("range from", "取值下限"),
    "regret_max": ("largest regret", "最大后悔值"),
    "regret_mean": ("mean regret", "平均后悔值"),
    "regret_p90": ("regret, 9 of 10 states", "九成状态后悔值"),
    "runs": ("runs", "模拟次数"),
    "sd": ("sd", "标准差"),
    "seeds": ("seeds", "种子数"),
    "share_lower": ("lower, share of pairs", "较低占比"),
    "sharp_share": ("sharp, share", "尖峰，占比"),
    "spread": ("spread of effects", "效应离散度"),
    "states": ("states", "状态数"),
    "total": ("with all others, share of variance", "合计解释方差"),
    "total_half_width": ("±", "±"),
    "unconfirmed_share": ("not confirmed, share", "未确认，占比"),
    "unit": ("unit", "单位"),
    "width_of_prior": ("width over that of the prior", "与先验宽度之比"),
    "when": ("when", "条件"),
    "year": ("year", "年份"),
}


SHARES = frozenset(
    ("at_start_share", "best_share", "mass", "open_share", "peaked_share", "plateau_share", "share_lower",
     "sharp_share", "unconfirmed_share")
)  # fmt: skip


def shares_of(columns: Iterable[str]) -> frozenset[str]:
    """Return which columns of a table are shares of runs, told in per cent: beside them the ends of their interval."""
    found = SHARES.intersection(columns)
    return found | {"low", "high"} if "peaked_share" in found else found


def percent(share: float, is_chinese: bool) -> str:
    """Return a share of runs in per cent, three figures: 92.6 %, in Chinese 92.6%; ``-`` where it is not defined."""
    return f"{in_figures(100 * share, 3)}{'%' if is_chinese else ' %'}" if math.isfinite(share) else "-"


def head(column: str, is_chinese: bool) -> str:
    """Return the head of a column; levers and measures have their names, and their ends are ``from`` and ``to``."""
    if column in HEADS:
        return HEADS[column][is_chinese]
    units, names = _units(), _names()
    if column in units:
        return f"{names[column][is_chinese]}{'，' if is_chinese else ', '}{units[column][is_chinese]}"
    stem, _, end = column.rpartition("_")
    if end in ("low", "high") and stem in names:
        return HEADS[end][is_chinese]
    return names.get(column, (column, column))[is_chinese]


def name_of(key: str, is_chinese: bool) -> str:
    """Return the name of a lever, a parameter or a measure; another word stays as it is."""
    return _names().get(key, (key, key))[is_chinese]


@cache
def _names() -> dict[str, tuple[str, str]]:
    """Return the names of all levers, parameters and measures."""
    found = {row.key: (row.name_en, row.name_zh) for row in registry.parameters().values()}
    found |= {row.key: (row.name_en, row.name_zh) for row in registry.levers().values()}
    return found | {m.key: (m.en, m.zh) for m in (*MEASURES, *FURTHER_MEASURES)}


@cache
def _units() -> dict[str, tuple[str, str]]:
    """Return the units that measures are shown in."""
    return {m.key: (m.unit_en, plan_unit(m.unit, True)) for m in (*MEASURES, *FURTHER_MEASURES)}


def cell(value: Any, column: str, is_chinese: bool) -> str:
    """Return a cell of a table of an analysis: four figures a number, names and units in the language."""
    if isinstance(value, bool):
        return ("yes", "是")[is_chinese] if value else ("no", "否")[is_chinese]
    if isinstance(value, float):
        return in_figures(value) if math.isfinite(value) else "-"
    if column == "measure":
        return name_of(value, is_chinese)
    if column == "change" and is_chinese:
        return step_in_chinese(str(value))
    return unit_word(str(value), is_chinese)
