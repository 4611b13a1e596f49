"""The report of an answer: one HTML file that needs nothing else; the browser puts the charts in as drawings."""

from datetime import UTC, datetime
from html import escape
from typing import Any

from transition_sim.scenarios.extensions import known_levers
from transition_sim.scenarios.scenario import Scenario
from transition_sim.version import __version__
from transition_sim.viz import scene
from transition_sim.viz.assumptions import cannot_tell
from transition_sim.viz.board import board_data, board_of
from transition_sim.viz.chart_list import MAIN
from transition_sim.viz.charts import Chart
from transition_sim.viz.comparing import Side
from transition_sim.viz.desk import View
from transition_sim.viz.formatting import figure
from transition_sim.viz.key_numbers import key_numbers
from transition_sim.viz.lever_panel import lever_text
from transition_sim.viz.outside import preset_name, run_target
from transition_sim.viz.picture import FIRST_SEED
from transition_sim.viz.policy_file import policy_text
from transition_sim.viz.session import Session
from transition_sim.viz.spread import fan_chart, peaking_chart
from transition_sim.viz.words import Language, Words

SHOWN = (*MAIN, "vintages", "sizes", "certificates", "queue", "output")
SHORT = 12
"""Signs of a cell that stays on one line."""
STYLE = """
body{font:16px/1.6 system-ui,"Segoe UI",Roboto,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;
color:#1a1f24;max-width:960px;margin:24px auto;padding:0 20px}
h1{font-size:26px;margin-bottom:4px}
h2{font-size:20px;margin-top:34px;border-bottom:2px solid #0b3350;padding-bottom:3px;break-after:avoid}
h3{font-size:16px;margin:22px 0 4px;break-after:avoid}tr,pre,li{break-inside:avoid}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{border-bottom:1px solid #d5dade;padding:4px 8px;text-align:left;vertical-align:top}
thead th{background:#eef1f3}.n{text-align:right;font-variant-numeric:tabular-nums}
.c{background:#fff5da;border:1px solid#ecd9a0;padding:6px 12px;border-radius:6px}
pre{background:#f1f3f5;padding:10px;overflow:auto;font-size:13px}svg{width:100%;height:auto}
.o{overflow-x:auto}.w{white-space:nowrap}.s{color:#4d565f;font-size:14px}
figure{margin:0;break-inside:avoid}@page{size:A4;margin:14mm}@media print{details{display:none}
body{margin:0;padding:0;max-width:none}h3{margin-top:10px}figure svg{max-height:78mm}
.o{overflow:visible}table{font-size:8.5pt}th,td{padding:3px 5px}
pre{white-space:pre-wrap;overflow-wrap:anywhere}}
"""


def report_data(session: Session, view: View, language: Language) -> dict[str, Any]:
    """Return the page with a mark ``<!--chart:ID-->`` for each chart, the charts, and the name of the file."""
    words = Words(language)
    policy, baseline = session.draft.scenario(), session.baseline_draft.scenario()
    charts = _charts(session, view, policy, words)
    place = words.name(policy.place.name)
    parts = [
        f"<h1>{escape(words('report_title', place=place))}</h1>",
        _p(words("report_about", policy=preset_name(session.draft, words), n=len(session.draft.moves),
                 baseline=preset_name(session.baseline_draft, words), runs=view.done), "s"),
        _p(scene.caution(words), "c"),
        _heading(words("key_numbers")), _p(scene.numbers_title(session, view, words), "s"), _numbers(view, words),
        _heading(words("levers")), _levers(policy, baseline, words),
        _heading(words("report_charts")), *(_figure(chart, words) for chart in charts),
        _heading(words("chart_targets")), _targets(policy, baseline, view, words),
        _heading(words("cannot_tell")), _list(cannot_tell(words)),
        _heading(words("report_again")), _settings(session, view, words),
    ]  # fmt: skip
    title = escape(words("report_title", place=place))
    lang = "zh-CN" if words.is_chinese else "en"
    page = f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device'
    page += f'-width"><title>{title}</title><style>{STYLE}</style></head><body>{"".join(parts)}</body></html>'
    return {
        "html": page,
        "charts": [{"id": c.id, "option": c.option} for c in charts],
        "name": f"report_{policy.place.id}_{policy.hash[:8]}_{language}.html",
    }


def _charts(session: Session, view: View, policy: Scenario, words: Words) -> list[Chart]:
    shared = scene.scene_of(session, view, words)
    found = [chart for id in SHOWN if _says_something(chart := scene.make_chart(id, shared)) or id in MAIN]
    mine = Side(words("my_policy"), {p.seed: p for p in view.policy if p.sample is not None})
    if len(mine.pictures) > 1:  # a single run has neither spread nor odds
        years = list(policy.clock.years)
        found += [fan_chart(mine, None, "dual_control_mtco2", years, words), peaking_chart([mine], years, words)]
    return found


def _says_something(chart: Chart) -> bool:
    """Return whether a chart has a figure other than zero."""
    return any(value for row in chart.rows for value in row[1:])


def _numbers(view: View, words: Words) -> str:
    head = [words("measure"), words("my_policy"), words("difference"), words("interval")]
    rows = [
        [c["name"], f"{c['value']} {c['unit']}", c["difference"], f"{c['interval']} {c['noise'] or c['note']}"]
        for c in key_numbers(view, words)
    ]
    return _table(head, rows)


def _levers(policy: Scenario, baseline: Scenario, words: Words) -> str:
    """Return the levers in which the policy differs from the baseline, with their paths and sources."""
    rows = []
    for key, lever in known_levers().items():
        now, then = (s.levers.get(key, lever.neutral) for s in (policy, baseline))
        if now != then:
            shown = [lever_text(v, lever, words) for v in (then, now)]
            rows.append(
                [
                    words("with_unit", name=words.of(lever), unit=words.result_unit(lever.unit)),
                    *shown,
                    words.source(lever.source),
                ]
            )
    if not rows:
        return _p(words("same"))
    return _table([words("lever"), words("baseline_short"), words("my_policy"), words("source_of")], rows)


def _targets(policy: Scenario, baseline: Scenario, view: View, words: Words) -> str:
    board = board_of(policy, view.policy)
    if board is None or not board.assessments:
        return _p(words("no_targets"))
    data = board_data(board, board_of(baseline, view.baseline), words)
    keys = ("name", "plan", "year", "value", "range", "probability", "status", "before")
    head = [words(k) for k in ("target", "target_value", "by_when", "model_value", "range_runs", "probability")]
    head += [words("target_status"), words("baseline_short")]
    rows = [[str(row[k]) for k in keys] for group in data["groups"] for row in group["rows"]]
    others = [[row["name"], row["plan"], row["reason"]] for row in data["others"]]
    hidden = _table([words("target"), words("target_value"), words("reason")], others)
    more = f"<details><summary>{escape(words('board_others'))} ({len(others)})</summary>{hidden}</details>"
    return _table(head, rows) + _p(words("full_stop").join((data["marks"], data["no_order"])), "s") + more


def _settings(session: Session, view: View, words: Words) -> str:
    seeds = [p.seed for p in view.policy[: view.done]]
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    rows = [
        ["transition_sim", __version__],
        [words("report_seeds"), "–".join(str(seed) for seed in dict.fromkeys((seeds[0], seeds[-1]))) if seeds else "–"],
        [words("report_hash"), f"{view.policy[0].hash} / {view.baseline[0].hash}" if view.done else "–"],
        [words("report_made"), made],
        [words("report_command"), command(session, len(seeds))],
    ]
    return _table(None, rows) + f"<h3>my_policy.yaml</h3><pre>{escape(policy_text(session.draft))}</pre>"


def command(session: Session, pairs: int) -> str:
    """Return the command that gives the key numbers again; where only one side meets a shock, the run of the policy."""
    policy, baseline = session.draft, session.baseline_draft
    if pairs < 2 or policy.shock != baseline.shock:
        return f"transition-sim run {run_target(policy)} --policy my_policy.yaml --seed {FIRST_SEED}"
    named = f"--policy {baseline.preset} --policy my_policy.yaml"
    return f"transition-sim compare {run_target(policy)} {named} --replicates {pairs} --seed {FIRST_SEED}"


def _figure(chart: Chart, words: Words) -> str:
    rows = [[str(row[0]), *("–" if v is None else figure(v) for v in row[1:])] for row in chart.rows]
    table = f"<details><summary>{escape(words('table'))}</summary>{_table(chart.head, rows)}</details>"
    return f"<figure><h3>{escape(chart.title)}</h3><!--chart:{chart.id}-->{table}</figure>"


def _heading(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def _p(text: str, kind: str = "") -> str:
    return f'<p class="{kind}">{escape(text)}</p>'


def _list(items: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _cell(text: str) -> str:
    """Return a cell; a short one is not broken into two lines."""
    kind = ' class="w"' if len(text) <= SHORT else ""
    return f"<td{kind}>{escape(text)}</td>"


def _table(head: list[str] | None, rows: list[list[str]]) -> str:
    top = "" if head is None else "<thead><tr>" + "".join(f"<th>{escape(x)}</th>" for x in head) + "</tr></thead>"
    body = "".join("<tr>" + "".join(_cell(str(x)) for x in row) + "</tr>" for row in rows)
    return f'<div class="o"><table>{top}<tbody>{body}</tbody></table></div>'
