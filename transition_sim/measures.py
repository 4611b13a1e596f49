"""Measures: what two runs are compared by, each one number a run, as a table with units and names."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from transition_sim.core.clock import Clock
from transition_sim.results import RunResult
from transition_sim.scenarios.words.units import unit_word
from transition_sim.world.columns import TECHNOLOGY

M = 1e-6
_ENTERPRISES = [c.name for c in TECHNOLOGY].index("enterprises")


@dataclass(frozen=True)
class Measure:
    """One number of a run.

    Attributes
    ----------
    key, unit, en, zh : str
    of : callable
        Takes the result, returns the number in ``unit``.
    years : tuple of int
        Years that the horizon must cover for the measure to be defined; none: any horizon.
    """

    key: str
    unit: str
    en: str
    zh: str
    of: Callable[[RunResult], float]
    years: tuple[int, ...] = ()

    @property
    def unit_en(self) -> str:
        """Unit as it is written in English."""
        return unit_word(self.unit, False)

    @property
    def unit_zh(self) -> str:
        """Unit in Chinese."""
        return unit_word(self.unit, True)


def _total(*columns: str, scale: float = M) -> Callable[[RunResult], float]:
    """Sum of annual columns over the run; a column after ``-`` counts against."""

    def of(result: RunResult) -> float:
        signs = [(-1.0 if name.startswith("-") else 1.0, name.removeprefix("-")) for name in columns]
        return scale * sum(sign * float(result.annual[name].sum()) for sign, name in signs)

    return of


def _in_year(column: str, year: int | None = None, scale: float = M) -> Callable[[RunResult], float]:
    """Value of a year; of the last year of the run where no year is given."""

    def of(result: RunResult) -> float:
        return scale * float(result.annual.at[result.clock.end_year if year is None else year, column])

    return of


def _ratio_at_end(over: str, under: str, scale: float) -> Callable[[RunResult], float]:
    def of(result: RunResult) -> float:
        last = result.annual.iloc[-1]
        return scale * float(last[over] / last[under])

    return of


def _peak(basis: str, attribute: str, scale: float = 1.0) -> Callable[[RunResult], float]:
    return lambda result: scale * float(getattr(result.peak(basis), attribute))


def _green_adopters(result: RunResult) -> float:
    """Enterprises that use a green technology at the end, summed over technologies."""
    is_green = np.isin(result.labels["technologies"], list(result.labels["green_technologies"]))
    return float(np.nansum(result.recorder.technology[-1, is_green, _ENTERPRISES]))


_PAID = ("subsidy_cny", "tax_credit_cny", "interest_subsidy_cny", "support_cny")
_INCOME = ("surcharge_cny", "carbon_revenue_cny")
_DUAL, _LAND = "dual_control", "territorial"

MEASURES = (
    Measure("peak_year_dual_control", "year", "Peak year, dual control", "达峰年份（双控）", _peak(_DUAL, "peak_year")),
    Measure("peak_year_territorial", "year", "Peak year, territorial", "达峰年份（地域）", _peak(_LAND, "peak_year")),
    Measure(
        "peak_confirmed_share", "of runs", "Peak confirmed, dual control", "峰值已确认（双控）",
        _peak(_DUAL, "is_confirmed"),
    ),
    Measure(
        "peak_censored_share", "of runs", "Peak in the last years, dual control", "峰值位于末期（双控）",
        _peak(_DUAL, "is_censored"),
    ),
    Measure(
        "peak_dual_control_mtco2", "MtCO2", "CO₂ of the peak year, dual control", "峰值排放（双控）",
        _peak(_DUAL, "peak_value", M),
    ),
    Measure(
        "plateau_years_dual_control", "years", "Length of the plateau, dual control", "平台期长度（双控）",
        _peak(_DUAL, "plateau_years"),
    ),
    Measure(
        "cumulative_dual_control_mtco2", "MtCO2", "Cumulative CO₂, dual control", "累计排放（双控）",
        _total("dual_control_tco2"),
    ),
    Measure(
        "cumulative_territorial_mtco2", "MtCO2", "Cumulative CO₂, territorial", "累计排放（地域）",
        _total("territorial_tco2"),
    ),
    Measure(
        "dual_control_2025_mtco2", "MtCO2", "CO₂ of 2025, dual control", "2025年排放（双控）",
        _in_year("dual_control_tco2", 2025), (2025,),
    ),
    Measure(
        "dual_control_2030_mtco2", "MtCO2", "CO₂ of 2030, dual control", "2030年排放（双控）",
        _in_year("dual_control_tco2", 2030), (2030,),
    ),
    Measure(
        "dual_control_end_mtco2", "MtCO2", "CO₂ of the last year, dual control", "末年排放（双控）",
        _in_year("dual_control_tco2"),
    ),
    Measure(
        "territorial_end_mtco2", "MtCO2", "CO₂ of the last year, territorial", "末年排放（地域）",
        _in_year("territorial_tco2"),
    ),
    Measure(
        "enterprise_scope1_end_mtco2", "MtCO2", "Direct CO₂ of enterprises, last year", "末年企业直接排放",
        _in_year("enterprise_scope1_tco2"),
    ),
    Measure(
        "co2_per_gdp_end_t_per_10k_cny", "t/10k CNY", "CO₂ per GDP, last year, dual control", "末年单位GDP排放（双控）",
        _ratio_at_end("dual_control_tco2", "gdp_cny", 1e4),
    ),
    Measure(
        "energy_end_mtce", "Mtce", "Energy use, last year", "末年能源消费（等价值）",
        _in_year("energy_coal_equivalent_tce"),
    ),
    Measure(
        "nonfossil_end_percent", "%", "Non-fossil share of energy, last year", "末年非化石能源占比",
        _ratio_at_end("nonfossil_tce", "energy_coal_equivalent_tce", 100.0),
    ),
    Measure("green_adopters_end", "-", "Green equipment in use, enterprises", "末期绿色设备采用数", _green_adopters),
    Measure("orders", "-", "Investments ordered", "下单投资次数", _total("orders", scale=1.0)),
    Measure("capex_m_cny", "M CNY", "Low-carbon equipment bought", "低碳设备投资", _total("capex_cny")),
    Measure("subsidy_m_cny", "M CNY", "Capital subsidies", "投资补贴", _total("subsidy_cny")),
    Measure("fiscal_paid_m_cny", "M CNY", "Public money paid", "财政支出合计", _total(*_PAID)),
    Measure("fiscal_income_m_cny", "M CNY", "Surcharges and carbon income", "差别电价与碳价收入", _total(*_INCOME)),
    Measure(
        "fiscal_net_cost_m_cny", "M CNY", "Net fiscal cost", "财政净成本",
        _total(*_PAID, *(f"-{name}" for name in _INCOME)),
    ),
    Measure("gdp_bn_cny", "bn CNY", "GDP, all years", "累计GDP（2020年价）", _total("gdp_cny", scale=1e-9)),
    Measure("leaked_m_cny", "M CNY", "Orders lost to the rest of the world", "外溢订单", _total("leaked_cny")),
    Measure("defaults", "-", "Enterprises that default", "违约企业数", _total("defaults", scale=1.0)),
    Measure("unserved_gwh", "GWh", "Load not served", "未供电量", _total("unserved_mwh", scale=1e-3)),
)  # fmt: skip


def _percent(over: str, under: str, *years: int) -> Callable[[RunResult], float]:
    """Sum over sum in the years, %; nan where there is nothing to take a share of."""

    def of(result: RunResult) -> float:
        rows = result.annual.loc[list(years)]
        total = float(rows[under].sum())
        return 100.0 * float(rows[over].sum()) / total if total > 0 else float("nan")

    return of


FURTHER_MEASURES = (
    *(
        Measure(
            f"electric_cars_{year}_percent", "%", f"Electric share of new cars {year}", f"{year}年新车电动化率",
            _percent("electric_cars_bought", "cars_bought", year), (year,),
        )
        for year in (2020, 2021, 2022)
    ),
    Measure(
        "capex_financed_2022_percent", "%", "Investment financed over wanted, 2021 and 2022",
        "2021至2022年投资获批比例", _percent("approved_capex_cny", "desired_capex_cny", 2021, 2022), (2021, 2022),
    ),
)  # fmt: skip
"""What calibration looks at; kept only by studies that name it in their outcomes."""


def defined(measure: Measure, clock: Clock) -> bool:
    """Return whether the years of a run cover what the measure looks at."""
    return all(year in clock.years for year in measure.years)


def measure_run(result: RunResult, measures: Iterable[Measure]) -> np.ndarray:
    """Return the measures of a run, shape (n_measures,), in their units."""
    return np.array([measure.of(result) for measure in measures], dtype=float)
