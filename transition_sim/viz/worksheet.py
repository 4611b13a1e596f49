"""A lesson on paper: what to read, what to set, what to note down, the questions; answers on a page of their own."""

from html import escape
from typing import Any

from transition_sim.scenarios.extensions import known_levers
from transition_sim.scenarios.rows import Lever
from transition_sim.scenarios.spec import Schedule
from transition_sim.viz.chart_list import MAKERS
from transition_sim.viz.draft import preset_scenario
from transition_sim.viz.lessons import Lesson, Step
from transition_sim.viz.lever_panel import path_text, value_text
from transition_sim.viz.outside import shock_name
from transition_sim.viz.words import Words

STYLE = """body{font:17px/1.65 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;max-width:800px;
margin:24px auto;padding:0 20px}h1{font-size:24px}section{break-inside:avoid}p.t{white-space:pre-line}.l{border-bottom:
1px solid #888;height:2.1em}.b{display:inline-block;width:15px;height:15px;border:1.5px solid #333;margin-right:8px}
.a{break-before:page}.s{color:#4d565f}.q{padding-left:26px;text-indent:-26px;margin:6px 0}h2{font-size:19px}
@media print{body{margin:0;max-width:none;font-size:11pt;line-height:1.5}.l{height:1.9em}}"""


def worksheet(lesson: Lesson, words: Words) -> str:
    """Return the page of a lesson, to be printed; it needs nothing else."""
    name = escape(words.name(lesson.name))
    n = len(lesson.steps)
    steps = "".join(_step(step, words("lesson_step", n=k, all=n), words) for k, step in enumerate(lesson.steps, 1))
    answers = "".join(_answer(step, k, words) for k, step in enumerate(lesson.steps, start=1) if step.question)
    lang = "zh-CN" if words.is_chinese else "en"
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{name}</title><style>{STYLE}</style>'
        f'</head><body><h1>{name}</h1><p class="s">{escape(words.name(lesson.aim))} '
        f"{escape(figures_note(lesson, words))}</p><p>{escape(words('sheet_name'))}"
        f'</p>{steps}<div class="a"><h2>{escape(words("sheet_answers"))}</h2>{answers}</div></body></html>'
    )


def figures_note(lesson: Lesson, words: Words) -> str:
    """Return whose figures stand in the texts of a lesson."""
    return words("lesson_figures", place=words.name(preset_scenario(lesson.place, "none").place.name))


def _step(step: Step, title: str, words: Words) -> str:
    charts = words("comma").join(words(f"chart_{id}") for id in step.charts if id in MAKERS)
    lines = '<div class="l"></div>' * 3
    asked = ""
    if step.question is not None:
        choices = "".join(f'<p class="q"><i class="b"></i>{escape(words.name(c))}</p>' for c in step.question.choices)
        asked = f"<p><b>{escape(words.name(step.question.ask))}</b></p>{choices}"
    return (
        f"<section><h2>{escape(title)}</h2><p class='t'>{escape(words.name(step.text))}</p>"
        f"<p class='s'>{escape(words('lesson_set') + words('colon') + words('semicolon').join(set_by(step, words)))}"
        f"<br>{escape(words('sheet_look', charts=charts))}</p>"
        f"<p>{escape(words('sheet_note'))}</p>{lines}{asked}</section>"
    )


def set_by(step: Step, words: Words) -> list[str]:
    """Return what a step sets: its preset, the shock, and levers with their values."""
    rows = known_levers()
    return [
        words(f"preset_{step.preset}"),
        *([shock_name(step.shock, words)] if step.shock else []),
        *(f"{words.of(rows[key])} {_value(setting, rows[key], words)}" for key, setting in step.levers.items()),
    ]


def _value(setting: Any, lever: Lever, words: Words) -> str:
    """Return a setting of a lever: a value with its unit, or its path over time."""
    if isinstance(setting, Schedule):
        return f"{path_text(setting, lever, words)} {words.result_unit(lever.unit)}"
    return value_text(lever, float(setting), words)


def _answer(step: Step, k: int, words: Words) -> str:
    assert step.question is not None
    right = next(c for c in step.question.choices if c.is_right)
    return f"<p><b>{k}.</b> {escape(words.name(right))} {escape(words.name(step.question.explain))}</p>"
