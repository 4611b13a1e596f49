"""The evaluation of a year as text, English or Chinese, with the five parts of the pilot assessment (SM23)."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from transition_sim.evaluation import Evaluation, spread
from transition_sim.evaluation_words import say, shown_unit
from transition_sim.results import RunResult
from transition_sim.scenarios import registry
from transition_sim.scenarios.extensions import known_levers
from transition_sim.scenarios.words.units import plan_figure
from transition_sim.world.columns import EVENT_KINDS

MOST_OF_A_KIND = 3
"""Events of one kind in a quarter that are named one by one; more are counted."""


def evaluation_text(result: RunResult, year: int, language: str = "en") -> str:
    """Return the evaluation report of a year as Markdown.

    Raises
    ------
    ValueError
        When the year is not a year of the run after its first.
    """
    return _text(Evaluation(result, year), language)


def _text(found: Evaluation, language: str) -> str:
    parts = [_head, _progress, _cases, _problems, _suggestions, _chronicle]
    return "\n\n".join("\n".join(part(found, language)) for part in parts) + "\n"


def write_evaluations(result: RunResult, folder: Path) -> None:
    """Write ``evaluation_YEAR.md`` and ``evaluation_YEAR.zh.md`` of every year after the first."""
    folder.mkdir(exist_ok=True)
    known_spread = spread(result)
    for year in result.clock.years[1:]:
        found = Evaluation(result, year, known_spread)
        for language, ending in (("en", "md"), ("zh", "zh.md")):
            (folder / f"evaluation_{year}.{ending}").write_text(_text(found, language), encoding="utf-8")


def _name(thing: object, language: str) -> str:
    return str(getattr(thing, "name_zh" if language == "zh" else "name_en"))


def _number(value: float) -> str:
    return "-" if not np.isfinite(value) else f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _head(found: Evaluation, language: str) -> Iterator[str]:
    scenario = found.result.scenario
    place = scenario.place.name
    yield "# " + say("title", language, year=found.year, place=place.zh if language == "zh" else place.en)
    yield ""
    shocks = [shock.name.zh if language == "zh" else shock.name.en for shock in scenario.shocks]
    named = ", ".join(shocks) or say("none", language)
    yield say("lead", language, seed=found.result.seed, policy=scenario.policy_id, shocks=named)


def _progress(found: Evaluation, language: str) -> Iterator[str]:
    yield "## " + say("progress", language) + "\n"
    if np.isfinite(found.score):
        yield say("score", language, score=f"{found.score:.2f}", verdict=say(_verdict(found), language)) + "\n"
        yield say("line_head", language)
        for s in found.standings:
            scale, unit = shown_unit(s.line.indicator.unit, language)
            comma = "，" if language == "zh" else ", "
            cells = [f"{_name(s.line.indicator, language)}{comma}{unit}", _number(scale * s.value),
                     _number(scale * s.target), f"{s.progress:.2f}", f"{s.slippage_quarters:.0f}"]  # fmt: skip
            yield "| " + " | ".join(cells) + " |"
    else:
        yield say("no_score", language)
    row, before = found.result.annual.loc[found.year], found.result.annual.loc[found.year - 1]
    yield "\n" + say(
        "figures", language, before=found.year - 1, co2=_planned(row["dual_control_tco2"] / 1e6, "MtCO2", language),
        co2_change=f"{100 * (row['dual_control_tco2'] / before['dual_control_tco2'] - 1):+.1f}",
        gdp=_planned(row["gdp_cny"] / 1e9, "bn CNY", language),
        gdp_change=f"{100 * (row['gdp_cny'] / before['gdp_cny'] - 1):+.1f}",
        orders=f"{row['orders']:.0f}", capex=_planned(row["capex_cny"] / 1e6, "M CNY", language),
        subsidy=_planned(row["subsidy_cny"] / 1e6, "M CNY", language),
    )  # fmt: skip


def _planned(value: float, unit: str, language: str) -> str:
    """Return a figure in the unit of the words: 1,386 万吨, 13.9 Mt."""
    return _short(float(plan_figure(value, unit, language == "zh")))


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _verdict(found: Evaluation) -> str:
    limits = registry.parameter_record(found.result.scenario.parameters)[0]
    if found.score > limits["reward_score"]:
        return "verdict_reward"
    if found.score < limits["account_score"]:
        return "verdict_account"
    return "verdict_notified" if found.score < limits["notify_score"] else "verdict_usual"


def _cases(found: Evaluation, language: str) -> Iterator[str]:
    yield "## " + say("cases", language) + "\n"
    cases, result = found.cases, found.result
    names = result.enterprises.set_index("enterprise")
    sectors = {s.id: s for s in registry.sectors()}
    for enterprise, row in cases.iterrows():
        yield say(
            "case", language, name=names.loc[enterprise, f"name_{language}"],
            sector=_name(sectors[names.loc[enterprise, "sector"]], language), change=f"{row['change_percent']:+.0f}",
            base=result.clock.start_year, capex=_short(row["capex_cny"] * (1e-4 if language == "zh" else 1e-6)),
        )  # fmt: skip
    technologies = {t.id: t for t in registry.technologies()}
    for technology, row in found.measures.iterrows():
        yield say(
            "measure", language, name=_name(technologies[str(technology)], language),
            share=f"{100 * row['share']:.1f}", gain=f"{100 * row['gain']:.1f}",
        )  # fmt: skip
    if cases.empty:
        yield say("no_cases", language)


def _problems(found: Evaluation, language: str) -> Iterator[str]:
    yield "## " + say("problems", language) + "\n"
    yield say("flag_head", language)
    for flag in found.flags:
        known = "yes" if flag.is_raised else "no" if np.isfinite(flag.value) else "unknown"
        cells = [say(flag.key, language), say(known, language), _number(flag.value), _number(flag.limit)]
        yield "| " + " | ".join(cells) + " |"


def _suggestions(found: Evaluation, language: str) -> Iterator[str]:
    yield "## " + say("suggestions", language) + "\n"
    raised = [flag.key for flag in found.flags if flag.is_raised]
    technologies, levers = {t.id: t for t in registry.technologies()}, registry.levers()
    slowest = max(found.standings, key=lambda s: s.slippage_quarters, default=None)
    for key in raised:
        values = {}
        if key == "slow_progress" and slowest is not None:
            indicator = slowest.line.indicator
            answers = dict.fromkeys(row.lever for row in registry.instruments() if row.indicator == indicator.key)
            named = ("、" if language == "zh" else ", ").join(_name(levers[lever], language) for lever in answers)
            values = {"slowest": _name(indicator, language), "levers": named}
        if key == "single_model":
            values = {"measure": _name(technologies[str(found.orders.idxmax())], language)}
        yield say(f"advise_{key}", language, **values)
    if not raised:
        yield say("advise_nothing", language)


def _subjects(found: Evaluation, language: str) -> dict[str, str]:
    """Return the name of everything that an event can be about, by id."""
    firms, place = found.result.enterprises, found.result.scenario.place
    names = dict(zip(firms["enterprise"], firms[f"name_{language}"], strict=True))
    names |= {key: _name(lever, language) for key, lever in known_levers().items()}
    names |= {row.key: _name(row, language) for row in registry.channels().values()}
    for shock in found.result.scenario.shocks:
        of = shock.name.zh if language == "zh" else shock.name.en
        names |= {f"{shock.id}: {key}": f"{of}{'：' if language == 'zh' else ': '}{names[key]}" for key in _channels()}
    names["green_budget"] = say("green_budget", language)
    return names | {place.id: place.name.zh if language == "zh" else place.name.en}


def _channels() -> tuple[str, ...]:
    return tuple(registry.channels())


def _chronicle(found: Evaluation, language: str) -> Iterator[str]:
    yield "## " + say("chronicle", language) + "\n"
    events = found.result.events
    events, names = events[events["year"] == found.year], _subjects(found, language)
    if events.empty:
        yield say("nothing", language)
    for (quarter, kind), rows in events.groupby(["quarter", "kind"], sort=False):
        what = EVENT_KINDS[kind][language == "zh"]
        if len(rows) > MOST_OF_A_KIND:
            yield say("happened_often", language, quarter=quarter, what=what, n=len(rows))
            continue
        for row in rows.itertuples():
            _, unit = shown_unit(row.unit, language)
            unit = unit.removesuffix("s") if row.amount == 1 and unit in ("links", "points") else unit
            said = say("happened", language, quarter=quarter, what=what, subject=names.get(row.subject, row.subject),
                       amount=_number(float(row.amount)), unit=unit)  # fmt: skip
            yield said.replace(" )", ")").replace(" ）", "）")
