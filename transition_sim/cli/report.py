"""A run on one page of a terminal: peak, emissions, adoption, who paid, and how far to trust it."""

from collections.abc import Iterable, Iterator

import numpy as np
from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from transition_sim.cli.narrow import Fitted
from transition_sim.cli.words import Words, group_warnings
from transition_sim.results import BASES, RunResult
from transition_sim.scenarios.scenario import Scenario
from transition_sim.summary import SHOWN_YEARS, adoption, fiscal, old_heat, summary, who_paid
from transition_sim.world.peak import Peak

ADOPTION_SHOWN = 10
FEW_M_CNY = 100.0
"""Where no sum is larger, Chinese counts it in 万元 and not in 亿元."""
FOUR_FIGURES = 1000
SETTINGS_SHOWN = 6
SIZES = ("large", "medium", "small")
FISCAL = ("subsidies", "tax_credits", "interest_subsidies", "other_support", "paid", "income", "net_cost")


def run_report(result: RunResult, words: Words, policy_name: str, seconds: float, verbose: bool = False):
    """Return what is printed of a run, part by part.

    Parameters
    ----------
    result : RunResult
    words : Words
    policy_name : str
    seconds : float
        How long the run took.
    verbose : bool
        All technologies and all warnings.

    Yields
    ------
    rich renderable
    """
    yield from header(result, words, policy_name, seconds)
    yield from titled(words("peak"), Fitted(peak_table(result, words), (words("kind"), words("plateau")), words))
    yield from highest_years(result, words)
    yield from base_range(result, words)
    yield year_table(result, words)
    yield from member_parts(result, words)
    yield from adoption_parts(result, words, verbose)
    yield from payer_parts(result, words)
    yield from closing(result, words, verbose)


def member_parts(result: RunResult, words: Words) -> Iterator[RenderableType]:
    """Yield a row a member of a portfolio, and what was copied between them."""
    if not result.members:
        return
    first, last = result.clock.start_year, result.clock.end_year
    table = _table()
    table.add_column(words("member"))
    for key in ("output_bn", "co2_kt"):
        for year in (first, last):
            table.add_column(words(key, year=year), justify="right")
    table.add_column(words("peak_year"), justify="right")
    for place in result.scenario.place.members:
        member = result.members[place.id]
        annual = member.annual
        output = words.shown(1e-9 * annual["output_cny"], "output_bn")
        co2 = words.shown(1e-3 * annual["dual_control_tco2"], "co2_kt")
        figures = [f"{output[year]:,.1f}" for year in (first, last)]
        figures += [f"{co2[year]:,.1f}" if words.is_chinese else f"{co2[year]:,.0f}" for year in (first, last)]
        table.add_row(escape(words.name(place.name)), *figures, peak_year(member.peak(), words))
    yield from titled(words("members"), table)
    worked = result.manifest.get("replicability", float("nan"))
    n = len(result.copies)
    yield words("copied_early", n=n) if np.isnan(worked) else words("copied", n=n, share=f"{100 * worked:.0f} %")


def one_line(result: RunResult, words: Words) -> str:
    """Return the peak as one line of plain text."""
    peak = result.peak()
    sure = f"{words('confirmed')}: {words('yes' if peak.is_confirmed else 'no')}"
    value = words.shown(peak.mean_value / 1e6, "value")
    height = f"{value:.3g}" if value < FOUR_FIGURES else f"{value:,.0f}"
    return f"{words('peak')} {peak_year(peak, words)}, {height} {words('value_short')}, {sure}"


def header(result: RunResult, words: Words, policy_name: str, seconds: float) -> Iterator[str]:
    """Yield what was run."""
    clock = result.clock
    place = words.name(result.scenario.place.name)
    facts = [
        words("enterprises", n=len(result.enterprises)),
        words("seed", n=result.seed),
        result.scenario.hash[:8],
        words("took", s=f"{seconds:.1f}"),
    ]
    yield f"[bold]{escape(place)} · {escape(policy_name)} · {clock.start_year}-{clock.end_year}[/bold]"
    yield " · ".join(facts)
    if own := own_settings(result.scenario):
        rest = words("more_settings", n=len(own) - SETTINGS_SHOWN) if len(own) > SETTINGS_SHOWN else ""
        yield escape(words("own_settings", keys=", ".join(own[:SETTINGS_SHOWN])) + rest)
    if result.scenario.shocks:
        names = [words.name({"en": shock.name.en, "zh": shock.name.zh}) for shock in result.scenario.shocks]
        yield escape(words("shocks", names=", ".join(names)))


def own_settings(scenario: Scenario) -> list[str]:
    """Return what overlays and single settings changed in the policy and the place, as ``key (layer)``.

    The horizon is left out: its years stand beside the name of the place.
    """
    layers = ("place ", "policy ", "portfolio ")
    found = {k: layer for k, layer in scenario.origins.items() if not layer.startswith(layers)}
    return [f"{key} ({layer})" for key, layer in found.items() if not key.startswith("horizon.")]


def peak_year(peak: Peak, words: Words) -> str:
    """Return the year of a peak; one in the first year of a run may have come before it."""
    return words("at_start", year=peak.peak_year) if peak.is_at_start else str(peak.peak_year)


def peak_table(result: RunResult, words: Words) -> Table:
    """Return the peak on both bases, with what is not certain about it."""
    table = _table()
    table.add_column("")
    for key in ("year", "value"):
        table.add_column(words(key), justify="right")
    for key in ("confirmed", "censored", "plateau", "kind"):
        table.add_column(words(key))
    for basis in BASES:
        peak = result.peak(basis)
        length = "plateau_years" if peak.plateau_years > 1 else "plateau_year"
        span = words(length, first=peak.plateau_start, last=peak.plateau_end, n=peak.plateau_years)
        table.add_row(
            words(basis),
            peak_year(peak, words),
            _number(words.shown(peak.mean_value / 1e6, "value")),
            words("yes" if peak.is_confirmed else "no"),
            words("yes" if peak.is_censored else "no"),
            span,
            words(f"kind_{peak.kind}"),
        )
    return table


def highest_years(result: RunResult, words: Words) -> Iterator[str]:
    """Yield the highest single years, where they are not the peak years: those go by means of three years."""
    for basis in BASES:
        peak = result.peak(basis)
        if peak.highest_year != peak.peak_year:
            height = _number(words.shown(peak.highest_value / 1e6, "value"))
            yield words(f"highest_{basis}", year=peak.highest_year, value=height)


def base_range(result: RunResult, words: Words) -> Iterator[str]:
    """Yield the range of base-year emissions that the sources leave, where the place gives one."""
    gate = result.scenario.place.gate.co2
    if gate.low is not None and gate.high is not None:
        low, high = (_number(words.shown(end / 1e6, "base_range")) for end in (gate.low, gate.high))
        yield words("base_range", year=result.scenario.place.base_year, low=low, high=high)


def shown_years(result: RunResult) -> list[int]:
    """Return the years that are shown: the round ones, and the last of the run."""
    return sorted(
        {y for y in SHOWN_YEARS if y in result.clock.years} | {result.clock.start_year, result.clock.end_year}
    )


def year_table(result: RunResult, words: Words) -> Table:
    """Return emissions, energy and output of the shown years."""
    annual = result.annual.loc[shown_years(result)]
    rows = {
        "co2_dual_control": annual["dual_control_tco2"] / 1e6,
        "co2_territorial": annual["territorial_tco2"] / 1e6,
        "co2_direct": annual["enterprise_scope1_tco2"] / 1e6,
        "energy": annual["energy_coal_equivalent_tce"] / 1e6,
        "nonfossil": 100 * annual["nonfossil_tce"] / annual["energy_coal_equivalent_tce"],
        "gdp": annual["gdp_cny"] / 1e9,
        "old_heat": old_heat(result).loc[annual.index],
        "co2_per_gdp": 1e4 * annual["dual_control_tco2"] / annual["gdp_cny"],
    }
    table = _year_columns("", annual.index)
    for key, series in rows.items():
        table.add_row(words(key), *map(_number, words.shown(series, key)))
    return table


def adoption_parts(result: RunResult, words: Words, verbose: bool) -> Iterator[RenderableType]:
    """Yield the adoption of green technologies, the fastest risers first."""
    years = shown_years(result)
    shares = {t: list(row.values()) for t, row in adoption(result, years).items() if any(row.values())}
    if not shares:
        yield words("no_adoption")
        return
    ranked = sorted(shares, key=lambda t: (shares[t][0] - shares[t][-1], t))
    shown = ranked if verbose else ranked[:ADOPTION_SHOWN]
    names = result.labels["technology_names"][words.is_chinese]
    name_of = dict(zip(result.labels["technologies"], names, strict=True))
    table = _year_columns(words("technology"), years)
    for technology in shown:
        table.add_row(escape(name_of[technology]), *(f"{share:.1f}" for share in shares[technology]))
    yield from titled(words("adoption"), table)
    if len(ranked) > len(shown):
        yield words("more_technologies", n=len(ranked) - len(shown))


def payer_parts(result: RunResult, words: Words) -> Iterator[RenderableType]:
    """Yield what public budgets paid and took, and what enterprises paid, by size."""
    clock = result.clock
    public = _table()
    public.add_column(words("fiscal"))
    public.add_column("", justify="right")
    paid, payers = fiscal(result), who_paid(result)
    unit = "all_years" if max(map(abs, (*paid.values(), *payers.values()))) >= FEW_M_CNY else "all_years_small"
    for key in FISCAL:
        public.add_row(words(f"fiscal_{key}"), _number(words.shown(paid[key], unit)))
    yield from titled(words(unit, first=clock.start_year, last=clock.end_year), public)
    if "large_enterprises" not in payers:
        return
    firms = _table()
    firms.add_column(words("investment"))
    for key in ("investment_own", "investment_subsidy"):
        firms.add_column(words(key), justify="right")
    for size in SIZES:
        own, subsidy = payers[f"{size}_enterprises"], payers[f"subsidies_to_{size}"]
        figures = (_number(words.shown(value, unit)) for value in (own, subsidy))
        firms.add_row(words(f"investment_{size}"), *figures)
    if payers["energy_service_companies"] > 0:
        by_services = words.shown(payers["energy_service_companies"], unit)
        firms.add_row(words("investment_services"), _number(by_services), "-")
    yield firms


def closing(result: RunResult, words: Words, verbose: bool) -> Iterator[RenderableType]:
    """Yield defaults, how much rests on weak figures, and what to know about the scenario."""
    content = summary(result)
    if content["defaults"]:
        yield words("defaults", n=content["defaults"])
    if content["low_confidence_share"] is not None:
        yield words("low_confidence", percent=f"{100 * content['low_confidence_share']:.0f}")
    lines = group_warnings(result.scenario.warnings, words)
    if lines:
        yield f"[bold]{words('warnings')}[/bold]"
    for line, keys in lines:
        yield escape(f"- {line}{'' if verbose or not keys else ' (--verbose)'}")
        if verbose and keys:
            yield Padding(escape(", ".join(keys)), (0, 0, 0, 2))


def titled(title: str, table: RenderableType) -> Iterator[RenderableType]:
    """Yield a title and its table; a title of its own line is never folded to the width of the table."""
    yield f"[bold]{escape(title)}[/bold]"
    yield table


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)


def _year_columns(head: str, years: Iterable[int]) -> Table:
    table = _table()
    table.add_column(head)
    for year in years:
        table.add_column(str(year), justify="right")
    return table


def _number(value: float) -> str:
    """Three figures that count: 0.0347, 15.4, 1,230; nothing below a millionth."""
    if not np.isfinite(value):
        return "-"
    size = abs(value)
    decimals = 2 if size < 1e-6 else int(np.clip(2 - np.floor(np.log10(size)), 0, 6))
    return f"{value:,.{decimals}f}"
