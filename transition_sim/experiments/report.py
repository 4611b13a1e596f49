"""The report of a study: one HTML file that needs no other, with figures, settings, seeds, assumptions and limits."""

import base64
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from transition_sim.experiments.analyses.finding import Finding, Options, context_names
from transition_sim.experiments.analyses.heads import cell, head, name_of, percent, shares_of
from transition_sim.experiments.analyses.registry import analyse, fitting
from transition_sim.experiments.crate import write_crate
from transition_sim.experiments.report_words import LIMITS, WORDS
from transition_sim.experiments.runs import DONE
from transition_sim.experiments.store import Store, write_text
from transition_sim.experiments.tables import Results
from transition_sim.scenarios import registry
from transition_sim.scenarios.checks import quantities
from transition_sim.scenarios.words.faults import FAULTS, error_told
from transition_sim.scenarios.words.figures import chinese_font
from transition_sim.scenarios.words.studies import question_in_chinese
from transition_sim.scenarios.words.units import in_figures, unit_word

MOST_ROWS = 60
ROWS_IN_SIGHT = 12
"""A longer table waits under its figure until somebody asks for it."""
_STYLE = """
body { font: 16px/1.55 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #1a1a1a; margin: 0 auto;
  max-width: 62rem; padding: 1.5rem; }
h1 { font-size: 1.7rem; margin-bottom: 0; } h2 { margin-top: 2.4rem; border-bottom: 2px solid #0072b2; }
table { border-collapse: collapse; font-size: .85rem; margin: .8rem 0; } th, td { padding: .2rem .6rem;
  border-bottom: 1px solid #ddd; text-align: left; } td.n { text-align: right; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } summary { cursor: pointer; color: #0072b2; } img { max-width: 100%; height: auto; }
pre { background: #f4f4f4; padding: .8rem; overflow-x: auto; }
.note { color: #555; } @media print { body { max-width: none; } }
"""


class Tongue:
    """The words of one language.

    Parameters
    ----------
    language : {"en", "zh"}
    """

    def __init__(self, language: str):
        self.language = language
        self.at = int(language == "zh")

    def __call__(self, key: str, **parts: object) -> str:
        return WORDS[key][self.at].format(**parts)

    def of(self, pair: Any) -> str:
        """Return one of a pair: a tuple, or an object with ``en`` and ``zh``."""
        if pair is None:
            return ""
        return str(pair[self.at] if isinstance(pair, tuple) else getattr(pair, self.language))

    def sure(self, confidence: str) -> str:
        """Return how sure a figure is in a word; ``unsaid`` where nothing says so. A part of a policy has none."""
        return self(f"sure_{confidence}") if confidence in ("high", "medium", "low", "unsaid") else confidence


def write_report(results: Results, language: str = "en") -> Path:
    """Write report, figures, tables of the analyses and the research-object record into the folder of the study."""
    tongue = Tongue(language)
    findings: list[Finding | tuple[str, str]] = []
    for name in fitting(results.study):
        try:
            finding = analyse(name, results, Options())
            finding.save(results.folder / "analyses", bool(tongue.at))
            findings.append(finding)
        except ValueError as error:
            findings.append((name, str(error)))
    path = results.folder / ("report.html" if language == "en" else f"report.{language}.html")
    write_text(path, html(results, findings, tongue))
    write_crate(results)
    return path


def html(results: Results, findings: Iterable[Finding | tuple[str, str]], tongue: Tongue) -> str:
    """Return the report as one page."""
    spec = results.study.spec
    title = tongue.of(spec.name) or spec.id
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p class=note>{escape(spec.id)} · transition_sim {escape(Store(results.folder).manifest()['version'])}</p>",
        *_asked(results, tongue),
        f"<h2>{tongue('findings')}</h2>",
        *([f"<p class=note>{tongue('figures_english')}</p>"] if tongue.at and chinese_font() is None else []),
    ]
    for finding in findings:
        parts += _found(finding, tongue)
    parts += [*_settings(results, tongue), *_assumptions(results, tongue), *_limits(tongue), *_again(results, tongue)]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    body = "\n".join(parts)
    top = f'<!doctype html>\n<html lang="{tongue.language}"><head>{head}{view}</head>'
    return f"{top}\n<body>\n{body}\n</body></html>\n"


def _asked(results: Results, tongue: Tongue) -> Iterator[str]:
    spec = results.study.spec
    question = question_in_chinese(spec.id, spec.question) if tongue.at else spec.question
    texts = [text for text in (tongue.of(spec.description), question) if text]
    if texts:
        yield f"<h2>{tongue('abstract')}</h2>"
    yield from (f"<p>{escape(text)}</p>" for text in texts)


def _found(finding: Finding | tuple[str, str], tongue: Tongue) -> Iterator[str]:
    if isinstance(finding, tuple):
        name, why = finding
        why = FAULTS.in_chinese(why) if tongue.at else why
        title, said = tongue(f"analysis_{name}"), tongue("not_possible", why=why)
        yield f"<h3>{escape(title)}</h3><p class=note>{escape(said)}</p>"
        return
    yield f"<h3>{escape(tongue.of(finding.title))}</h3>"
    for sentence in finding.sentences:
        yield f"<p>{escape(tongue.of(sentence))}</p>"
    stream = io.BytesIO()
    finding.save_figure(stream, bool(tongue.at))
    data = base64.b64encode(stream.getvalue()).decode()
    yield f'<img alt="{escape(tongue.of(finding.title))}" src="data:image/png;base64,{data}">'
    table = table_html(_worded(finding.shown(bool(tongue.at)).head(MOST_ROWS), bool(tongue.at)))
    if len(finding.table) > ROWS_IN_SIGHT:
        table = f"<details><summary>{tongue('table', n=min(len(finding.table), MOST_ROWS))}</summary>{table}</details>"
    yield table
    if len(finding.table) > MOST_ROWS:
        text = tongue("more_rows", n=len(finding.table) - MOST_ROWS, name=finding.name)
        yield f"<p class=note>{escape(text)}</p>"


def _settings(results: Results, tongue: Tongue) -> Iterator[str]:
    study = results.study
    spec, done = study.spec, len(results.done)
    yield f"<h2>{tongue('settings')}</h2>"
    seeds = tongue("seeds_text", first=spec.seed, last=spec.seed + spec.replicates - 1)
    named = zip(context_names(study, "zh" if tongue.at else "en"), study.contexts, strict=True)
    contexts = dict.fromkeys(
        f"{_of_place(tongue.of(c.scenario.place.name), name)} "
        f"({c.place} / {c.variant} / {c.policy}, {c.scenario.hash[:8]})"
        for name, c in named
    )
    rows = [
        (tongue("context"), ("；" if tongue.at else "; ").join(contexts)),
        (tongue("years"), f"{study.years[0]}-{study.years[-1]}"),
        (
            tongue("design"),
            tongue("design_text", kind=tongue(f"design_{spec.design.kind}"), n=f"{len(study.points):,}"),
        ),
        (tongue("seeds"), seeds),
        (tongue("runs"), f"{study.n_runs:,}"),
    ]
    yield _rows(rows)
    if done < study.n_runs:
        yield f"<p><strong>{escape(tongue('failed', n=study.n_runs - done))}</strong></p>"
        bad = results.runs[results.runs["status"] != DONE].head(5)
        yield f"<p class=note>{tongue('first_failures')}</p>" + table_html(
            pd.DataFrame(
                {
                    tongue("run"): bad["run"],
                    tongue("status"): [tongue(f"status_{state.replace(' ', '_')}") for state in bad["status"]],
                    tongue("error"): [error_told(error, bool(tongue.at)) for error in bad["error"]],
                }
            )
        )
    if study.factors:
        yield f"<h3>{tongue('factors')}</h3>"
        yield table_html(
            pd.DataFrame(
                {
                    tongue("factor"): [f"{f.zh if tongue.at else f.en} ({f.key})" for f in study.factors],
                    tongue("kind"): [tongue(f"kind_{f.kind}") for f in study.factors],
                    tongue("range"): [_range(f, tongue) for f in study.factors],
                    tongue("unit"): [unit_word(f.unit, bool(tongue.at)) for f in study.factors],
                    tongue("grade"): [f.grade for f in study.factors],
                    tongue("confidence"): [tongue.sure(f.confidence) for f in study.factors],
                }
            )
        )


def _of_place(place: str, name: str) -> str:
    """Return a context with the name of its place in front, where the name does not begin with it."""
    return name if name.startswith(place) else f"{place} · {name}"


def _range(factor: Any, tongue: Tongue) -> str:
    if factor.kind == "part":
        return ("、" if tongue.at else ", ").join(name_of(key, bool(tongue.at)) for key in factor.levers)
    text = ", ".join(f"{v:g}" for v in factor.values) if factor.values else f"{factor.low:g} - {factor.high:g}"
    return tongue("from_year", text=text, year=factor.from_year) if factor.from_year else text


def _assumptions(results: Results, tongue: Tongue) -> Iterator[str]:
    parameters = registry.parameters().values()
    percent = f"{100 * registry.low_confidence_share():.0f}"
    yield f"<h2>{tongue('assumptions')}</h2>"
    yield f"<p>{escape(tongue('low_confidence', percent=percent, n=len(parameters)))}</p>"
    yield f"<p class=note>{escape(tongue('grades'))}</p><h3>{tongue('parameters_by_grade')}</h3>"
    graded = sorted(Counter((p.grade, p.confidence) for p in parameters).items())
    yield _rows((tongue("graded", grade=g, sure=tongue.sure(confidence)), n) for (g, confidence), n in graded)
    for place in {c.place: c.scenario.place for c in results.study.contexts}.values():
        counts = Counter(q.confidence or "unsaid" for _, q in quantities(place, ()))
        yield f"<h3>{escape(tongue('place_by_confidence', place=tongue.of(place.name)))}</h3>"
        yield _rows((tongue.sure(word), n) for word, n in sorted(counts.items()))


def _limits(tongue: Tongue) -> Iterator[str]:
    items = "".join(f"<li>{escape(tongue.of(pair))}</li>" for pair in LIMITS)
    yield f"<h2>{tongue('limits')}</h2><ul>{items}</ul>"


def _again(results: Results, tongue: Tongue) -> Iterator[str]:
    spec, manifest = results.study.spec, Store(results.folder).manifest()
    content = {key: value for key, value in spec.model_dump(mode="json").items() if value not in (None, {}, [])}
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
    lang = " --lang zh" if tongue.at else ""
    command = f"transition-sim study run study.yaml --out {spec.id}\ntransition-sim report {spec.id}{lang}"
    yield f"<h2>{tongue('reproduce')}</h2>"
    yield f"<p>{escape(tongue('reproduce_text', version=manifest['version']))}</p><pre>{escape(command)}</pre>"
    yield f"<pre>{escape(text)}</pre>"
    packages = ", ".join(f"{name} {version}" for name, version in manifest["packages"].items())
    machine = f"Python {manifest['python']}, {packages}; {manifest['platform']}"
    given = escape(" ".join(manifest["command"]))
    yield f"<h3>{tongue('environment')}</h3><p>{escape(machine)}</p><p class=note>{given}</p>"
    cite = tongue(
        "cite_text", version=manifest["version"], id=spec.id, hash=manifest["study_hash"],
        model=manifest["model_hash"][:12], data=manifest["data_hash"][:12],
    )  # fmt: skip
    yield f"<h2>{tongue('cite')}</h2><p>{escape(cite)}</p>"


def _worded(table: pd.DataFrame, is_chinese: bool) -> pd.DataFrame:
    """Return a table of an analysis with heads, names and units in the language; numbers stay numbers."""
    shares = shares_of(table.columns)
    found = pd.DataFrame(
        {
            n: [
                percent(v, is_chinese)
                if column in shares and isinstance(v, float)
                else cell(v, column, is_chinese)
                if isinstance(v, bool | str)
                else v
                for v in table[column].tolist()
            ]
            for n, column in enumerate(table.columns)
        }
    )
    return found.set_axis([head(column, is_chinese) for column in table.columns], axis=1)


def table_html(table: pd.DataFrame) -> str:
    """Return a table, four figures a number."""
    head = "".join(f"<th>{escape(str(name))}</th>" for name in table.columns)
    rows = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in table.itertuples(index=False))
    return f"<div class=wide><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"


def _cell(value: Any) -> str:
    if isinstance(value, bool | str) or value is None:
        return f"<td>{escape(str(value))}</td>"
    return f"<td class=n>{'-' if value != value else in_figures(value) if isinstance(value, float) else value}</td>"


def _rows(rows: Iterable[tuple[str, Any]]) -> str:
    cells = "".join(f"<tr><th>{escape(str(a))}</th><td>{escape(str(b))}</td></tr>" for a, b in rows)
    return f"<table><tbody>{cells}</tbody></table>"
