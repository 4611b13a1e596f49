"""The two park tests as tables of a terminal and as plain data."""

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd
from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from transition_sim.cli.narrow import Fitted
from transition_sim.cli.park_words import ParkWords
from transition_sim.cli.scoreboard_report import number, percent, records
from transition_sim.parks import ParkTest
from transition_sim.parks.zero_carbon import DEFAULT, parameter_values
from transition_sim.scenarios import registry
from transition_sim.scenarios.park_criteria import TRACKS, NearZeroCriterion

STYLES = {"pass": "green", "fail": "red", "no_threshold": "dim"}
NAME_WIDTH = 26
"""Columns that the name of a park keeps, so that heads fold before names do."""
MARKS = {True: "yes", False: "no", None: "unknown"}


def park_parts(test: ParkTest, words: ParkWords, policy_name: str) -> Iterator[RenderableType]:
    """Yield what was run, then one test, then the other."""
    place = words.words.name(test.scenario.place.name)
    yield f"[bold]{escape(f'{place} · {policy_name}')}[/bold]"
    yield words("judged", year=test.year, n=len(test.seeds), first=test.seeds[0], last=test.seeds[-1])
    yield words("two_tests")
    yield from _zero_carbon_parts(test, words)
    yield from _near_zero_parts(test, words)


def portfolio_parts(tests: list[ParkTest], words: ParkWords, name: str, policy_name: str) -> Iterator[RenderableType]:
    """Yield one row a member of a portfolio: each test in short, never summed over members."""
    first = tests[0]
    yield f"[bold]{escape(f'{name} · {policy_name}')}[/bold]"
    yield words("judged", year=first.year, n=len(first.seeds), first=first.seeds[0], last=first.seeds[-1])
    yield words("two_tests")
    table = _table(
        words, ("park", "left"), ("energy", "right"), ("kappa", "right"), ("zero_short", "left"), ("readings", "right"),
        ("binding", "left"), ("entry", "left"), ("near_short", "right"), ("grade_short", "left"),
        ("trend_short", "right"), ("accepted_short", "right"),
    )  # fmt: skip
    table.columns[0].min_width = NAME_WIDTH
    for test in tests:
        verdicts, summary = test.zero_carbon.verdicts, test.near_zero.summary
        chosen = verdicts[(verdicts["factor"] == DEFAULT[0]) & (verdicts["convention"] == DEFAULT[1])].iloc[0]
        entry = _joint(pd.Series(list(test.zero_carbon.is_eligible.values()), dtype=object))
        grade = summary["grade"] if summary["grade"] != "none" else words("no_grade")
        table.add_row(
            escape(words.words.name(test.scenario.place.name)), number(1e-3 * chosen["energy_tce"]),
            number(chosen["co2_per_energy_tco2_per_tce"]), words(chosen["verdict"]),
            f"{int((verdicts['verdict'] == 'pass').sum())} / {len(verdicts)}", words(chosen["binding"]),
            words(MARKS[entry]), number(float(summary["score"])), str(grade),  # type: ignore[arg-type]
            percent(float(summary["trend_probability"])), percent(float(summary["accepted_probability"])),  # type: ignore[arg-type]
            style=STYLES[chosen["verdict"]],
        )  # fmt: skip
    leave = [words(key) for key in ("readings", "energy", "trend_short", "binding", "accepted_short")]
    yield Fitted(table, leave, words.words)
    yield words("default_note")
    yield words("scoring_note")


# --- zero-carbon ------------------------------------------------------------------------------------------------------


def _zero_carbon_parts(test: ParkTest, words: ParkWords) -> Iterator[RenderableType]:
    yield f"\n[bold]{words('zero_carbon')}[/bold]"
    yield condition_table(test, words)
    yield _entry(test, words)
    leave = [words(key) for key in ("grid", "range", "green", "keeps", "limit")]
    yield Fitted(verdict_table(test, words), leave, words.words)
    verdicts = test.zero_carbon.verdicts
    yield words("default_note")
    if (verdicts["verdict"] == "no_threshold").any():
        yield words("small_note")
    yield words("distance_note")
    chosen = verdicts[(verdicts["factor"] == DEFAULT[0]) & (verdicts["convention"] == DEFAULT[1])].iloc[0]
    yield words("overall", percent=percent(chosen["pass_probability"]))
    yield guiding_table(test, words)


def condition_table(test: ParkTest, words: ParkWords) -> Table:
    """Return a row a condition of entry: what was found, what is needed, whether it holds."""
    table = _table(words, ("condition", "left"), ("found", "right"), ("needed", "right"), ("holds", "left"))
    for row in registry.zero_carbon_criteria().values():
        if row.kind == "condition":
            own = test.zero_carbon.conditions.query("key == @row.key")
            holds = _joint(own["holds"])
            found = float(own["found"].median())
            shown = (
                words(MARKS[None if math.isnan(found) else bool(found)])
                if row.unit == "yes=1"
                else words("never")
                if math.isinf(found)
                else number(found)
            )
            needed = words("yes") if row.unit == "yes=1" else f"≥ {float(own['limit'].iloc[0]):g}"
            table.add_row(escape(words.of(row)), shown, needed, words(MARKS[holds]), style=_holds_style(holds))
    return table


def _entry(test: ParkTest, words: ParkWords) -> str:
    eligible = test.zero_carbon.is_eligible.values()
    conditions = test.zero_carbon.conditions
    open_share = sum(e is True for e in eligible) / len(eligible)
    if open_share > 0:
        return words("eligible", percent=percent(open_share))
    is_closed = any(e is False for e in eligible)
    wanted: Any = False if is_closed else None
    keys = dict.fromkeys(conditions.loc[[h is wanted for h in conditions["holds"]], "key"])
    names = "; ".join(words.of(registry.zero_carbon_criteria()[key]) for key in keys)
    return words("not_eligible" if is_closed else "maybe_eligible", names=escape(names))


def verdict_table(test: ParkTest, words: ParkWords) -> Table:
    """Return a row a factor and convention: level, limit, verdict, distance, what binds."""
    table = _table(
        words, ("factor", "left"), ("grid", "right"), ("convention", "right"),
        ("energy", "right"), ("kappa", "right"), ("range", "right"),
        ("limit", "right"), ("level", "left"), ("keeps", "right"), ("excess", "right"), ("green", "right"),
        ("binding", "left"),
    )  # fmt: skip
    for row in test.zero_carbon.verdicts.to_dict("records"):
        mark = " *" if (row["factor"], row["convention"]) == DEFAULT else ""
        is_open = row["verdict"] == "no_threshold"
        table.add_row(
            f"{words(row['factor'])}{mark}", f"{row['grid_tco2_per_mwh']:.4f}", words(row["convention"]),
            number(1e-3 * row["energy_tce"]), number(row["co2_per_energy_tco2_per_tce"]),
            f"{number(row['low'])} .. {number(row['high'])}",
            f"({row['limit_tco2_per_tce']:.1f})" if is_open else f"{row['limit_tco2_per_tce']:.1f}",
            words(row["verdict"]), "-" if is_open else percent(row["level_probability"]),
            number(1e-3 * row["excess_tco2"]) if row["excess_tco2"] > 0 else "-", _green(row, words),
            words(row["binding"]), style=STYLES[row["verdict"]],
        )  # fmt: skip
    return table


def _green(row: dict[str, Any], words: ParkWords) -> str:
    if row["excess_tco2"] == 0:
        return "-"
    green = number(1e-3 * row["green_mwh"])
    return words("then_left", green=green, left=number(1e-3 * row["left_tco2"])) if row["left_tco2"] > 0 else green


def guiding_table(test: ParkTest, words: ParkWords) -> Table:
    """Return a row a guiding indicator, or the reason why it is not modelled."""
    table = _table(words, ("guiding", "left"), ("found", "right"), ("needed", "right"), ("holds", "left"))
    for row in registry.zero_carbon_criteria().values():
        if row.kind in ("guiding", "practice"):
            own = test.zero_carbon.indicators.query("key == @row.key")
            scale, unit = (100.0, "%") if row.unit == "share" else (1.0, "%" if row.unit == "%" else "")
            needed = words("yes") if row.unit == "yes=1" else f"≥ {scale * float(own['limit'].iloc[0]):g} {unit}"
            if not row.column:
                reason = words("not_modelled", reason=words.of(row, "reason"))
                table.add_row(escape(words.of(row)), "-", needed, escape(reason), style="dim")
                continue
            holds = _joint(own["holds"])
            median = scale * float(own["found"].median())
            found = "-" if math.isnan(median) else f"{number(median)} {unit}"
            table.add_row(escape(words.of(row)), found, needed, words(MARKS[holds]), style=_holds_style(holds))
    return table


def _joint(holds: pd.Series) -> bool | None:
    """Return whether something holds in at least half of the runs; None where it is not known."""
    known = [h for h in holds if h is not None]
    return None if not known else sum(known) >= 0.5 * len(known)


def _holds_style(holds: bool | None) -> str:
    return {True: "green", False: "red", None: "yellow"}[holds]


# --- near-zero --------------------------------------------------------------------------------------------------------


def _near_zero_parts(test: ParkTest, words: ParkWords) -> Iterator[RenderableType]:
    summary: dict[str, Any] = test.near_zero.summary
    p = parameter_values(test.scenario)
    a, b, c = (f"{p[f'near_zero_score_{letter}']:g}" for letter in "abc")
    yield f"\n[bold]{words('near_zero')}[/bold]"
    yield trend_table(test, words)
    yield track_table(test, words)
    yield words("score", score=number(summary["score"]), low=number(summary["low"]), high=number(summary["high"]))
    grade = summary["grade"] if summary["grade"] != "none" else words("no_grade")
    yield words("grade", grade=grade, a=a, b=b, c=c)
    yield words(
        "acceptance", b=b, mrv=f"{p['near_zero_mrv_index']:g}", found=number(summary["mrv_index"]),
        percent=percent(summary["accepted_probability"]),
    )  # fmt: skip
    yield words("near_zero_overall", percent=percent(summary["near_zero_probability"]))
    yield words("scoring_note")


def trend_table(test: ParkTest, words: ParkWords) -> Table:
    """Return the two parts of the definition, each with its change over the window."""
    summary: dict[str, Any] = test.near_zero.summary
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(words("rule", year=test.year))
    table.add_column(words("change"), justify="right")
    table.add_column(words("in_runs"), justify="right")
    for part, change in (("total_falls", "co2_change_share"), ("intensity_falls", "intensity_change_share")):
        share = summary[f"{part}_probability"]
        table.add_row(
            words(part), f"{100 * summary[change]:+.1f} %".replace("-", "−"), percent(share),
            style=_holds_style(share >= 0.5),
        )  # fmt: skip
    return table


def track_table(test: ParkTest, words: ParkWords) -> Table:
    """Return the three tracks with the parts that they are made of."""
    summary: dict[str, Any] = test.near_zero.summary
    parts = test.near_zero.part_table
    table = _table(words, ("part", "left"), ("found", "right"), ("weight", "right"), ("points", "right"))
    for track in TRACKS:
        table.add_row(words(f"track_{track}"), "", "", number(summary[track]), style="bold")
        for key, row in registry.near_zero_criteria().items():
            if row.track == track:
                found, points = float(parts.loc[key, "found"]), parts.loc[key, "points"]
                table.add_row(
                    f"  {escape(words.of(row))}", found_text(row, found, words), f"{row.weight:g}", number(points)
                )
    return table


def found_text(row: NearZeroCriterion, found: float, words: ParkWords) -> str:
    """Return what was found for a criterion: an index, a share, or a rise where it asks for a fall."""
    if math.isnan(found):
        return "-"
    if row.unit == "index":
        return number(found)
    is_rise = row.kind == "fall" and found < 0
    return words("rise", percent=number(-100 * found)) if is_rise else f"{number(100 * found)} %"


def _table(words: ParkWords, *columns: tuple[str, Any]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for key, justify in columns:
        table.add_column(words(key), justify=justify, overflow="fold")
    return table


# --- data -------------------------------------------------------------------------------------------------------------


def as_data(test: ParkTest) -> dict[str, Any]:
    """Return both tests as plain data for JSON, apart from each other; what is not defined or not finite is None."""
    scenario = test.scenario
    zero = test.zero_carbon
    return {
        "place": scenario.place.id,
        "policy": scenario.policy_id,
        "scenario_hash": scenario.hash,
        "year": test.year,
        "seeds": list(test.seeds),
        "zero_carbon_park": {
            "default_reading": {"factor": DEFAULT[0], "convention": DEFAULT[1]},
            "verdicts": records(zero.verdicts),
            "conditions": records(_over_runs(zero.conditions)),
            "guiding_indicators": records(_over_runs(zero.indicators)),
        },
        "near_zero_park": {
            "summary": records(pd.DataFrame([test.near_zero.summary]))[0],
            "parts": records(test.near_zero.part_table.reset_index()),
        },
    }


def _over_runs(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row a criterion: median figure, limit, and whether it holds in at least half of the runs."""
    rows = [
        {"key": key, "found": part["found"].median(), "limit": part["limit"].iloc[0], "holds": _joint(part["holds"])}
        for key, part in table.groupby("key", sort=False)
    ]
    return pd.DataFrame(rows).astype({"holds": object})
