"""A lesson on paper: what to read, what to set, what to note down, the questions; answers on a page of their own."""

from html import escape

from transition_sim.viz.charts import MAKERS
from transition_sim.viz.lessons import Lesson, Step
from transition_sim.viz.words import Words

STYLE = """body{font:17px/1.65 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;max-width:800px;
margin:24px auto;padding:0 20px}h1{font-size:24px}section{break-inside:avoid}p.t{white-space:pre-line}.l{border-bottom:
1px solid #888;height:2.1em}.b{display:inline-block;width:15px;height:15px;border:1.5px solid #333;margin-right:8px}
.a{break-before:page}.s{color:#4d565f}"""


def worksheet(lesson: Lesson, words: Words) -> str:
    """Return the page of a lesson, to be printed; it needs nothing else."""
    name = escape(words.name(lesson.name))
    steps = "".join(_step(step, k, words) for k, step in enumerate(lesson.steps, start=1))
    answers = "".join(_answer(step, k, words) for k, step in enumerate(lesson.steps, start=1) if step.question)
    lang = "zh-CN" if words.is_chinese else "en"
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{name}</title><style>{STYLE}</style>'
        f'</head><body><h1>{name}</h1><p class="s">{escape(words.name(lesson.aim))}</p><p>{escape(words("sheet_name"))}'
        f'</p>{steps}<div class="a"><h2>{escape(words("sheet_answers"))}</h2>{answers}</div></body></html>'
    )


def _step(step: Step, k: int, words: Words) -> str:
    charts = words("comma").join(words(f"chart_{id}") for id in step.charts if id in MAKERS)
    lines = '<div class="l"></div>' * 3
    asked = ""
    if step.question is not None:
        choices = "".join(f'<p><i class="b"></i>{escape(words.name(c))}</p>' for c in step.question.choices)
        asked = f"<p><b>{escape(words.name(step.question.ask))}</b></p>{choices}"
    return (
        f"<section><h2>{k}</h2><p class='t'>{escape(words.name(step.text))}</p>"
        f"<p class='s'>{escape(words('sheet_look', charts=charts))}</p>"
        f"<p>{escape(words('sheet_note'))}</p>{lines}{asked}</section>"
    )


def _answer(step: Step, k: int, words: Words) -> str:
    assert step.question is not None
    right = next(c for c in step.question.choices if c.is_right)
    return f"<p><b>{k}.</b> {escape(words.name(right))} {escape(words.name(step.question.explain))}</p>"
