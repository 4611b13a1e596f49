"""What targets and the six-dimension view are measured by: yearly series of one run (SM25)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from transition_sim.results import RunResult, yearly
from transition_sim.scenarios import registry
from transition_sim.world.accounting.near_zero_park import part_points, track_points

PLAN_STATIONS = ("hydro_dongxiguan", "hydro_tongzihao", "hydro_sijiutan", "hydro_liangtan", "hydro_fuliutan")
SMALLER_PARK_MTCE = (0.2, 1.0)
CALORIFIC_TCE_PER_MWH = 0.1229
WIDE_USE_SHARE = 0.16
"""Share of able enterprises from which a technology has left its first adopters (Rogers: 2.5 % + 13.5 %)."""

Series = Callable[[RunResult, int], np.ndarray]
"""(result, base year) -> value of every year of the run, nan where it is not defined."""


@dataclass(frozen=True)
class TargetMeasure:
    """A yearly series that a target is read from, and how it differs from the official statistic.

    Attributes
    ----------
    key, unit : str
    of : callable
        Takes the result and the base year of a change; returns a value for every year, nan where not defined.
    note_en, note_zh : str
        What differs from the official statistic.
    undefined_en, undefined_zh : str
        Why no value may come out.
    is_open : callable, optional
        Of a year of peak: whether the run ends too early to be sure.
    """

    key: str
    unit: str
    of: Series
    note_en: str
    note_zh: str
    undefined_en: str = "The run has no such value."
    undefined_zh: str = "该模拟没有此项数值。"
    is_open: Callable[[RunResult], bool] | None = None


# --- series -----------------------------------------------------------------------------------------------------------


def _column(result: RunResult, name: str) -> np.ndarray:
    return result.annual[name].to_numpy(dtype=float)


def ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    """Return over / under, nan where the lower is not above 0."""
    found = np.full(np.shape(over), np.nan)
    np.divide(over, under, out=found, where=np.asarray(under) > 0)
    return found


def change_percent(series: np.ndarray, start_year: int, base_year: int) -> np.ndarray:
    """Return the change of each year against the base year, %; nan where the base year is outside or not above 0."""
    at = base_year - start_year
    if not 0 <= at < series.size or not series[at] > 0:
        return np.full(series.size, np.nan)
    return 100.0 * (series / series[at] - 1.0)


def mean_change_percent_per_year(series: np.ndarray, start_year: int, base_year: int) -> np.ndarray:
    """Return the mean yearly change since the base year, % a year; 0 in the base year, nan before it."""
    at = base_year - start_year
    found = np.full(series.size, np.nan)
    if not 0 <= at < series.size or not series[at] > 0:
        return found
    years = np.arange(1, series.size - at)
    found[at] = 0.0
    found[at + 1 :] = 100.0 * ((series[at + 1 :] / series[at]) ** (1.0 / years) - 1.0)
    return found


def share(over: str, under: str, scale: float = 100.0) -> Series:
    """Return the series of one yearly column over another."""
    return lambda result, _: scale * ratio(_column(result, over), _column(result, under))


def level(name: str, scale: float = 1.0) -> Series:
    """Return the series of a yearly column."""
    return lambda result, _: scale * _column(result, name)


def change(over: str, under: str) -> Series:
    """Return the series of the change of a ratio since the base year, %."""

    def of(result: RunResult, base_year: int) -> np.ndarray:
        return change_percent(ratio(_column(result, over), _column(result, under)), result.clock.start_year, base_year)

    return of


def trend(name: str) -> Series:
    """Return the series of the mean yearly change of a column since the base year, % a year."""
    return lambda result, base_year: mean_change_percent_per_year(
        _column(result, name), result.clock.start_year, base_year
    )


def sector_column(result: RunResult, name: str, *sectors: str) -> np.ndarray:
    """Return the yearly sum of a column over sectors; zeros where the place has none of them."""
    table = result.by_year("sector")
    chosen = table[table["sector"].isin(sectors)].groupby("year")[name].sum()
    return chosen.reindex(list(result.clock.years), fill_value=0.0).to_numpy(dtype=float)


def sector_intensity(sector: str) -> Series:
    """Return energy over value added of a sector, tce per 10k CNY."""
    return lambda result, _: (
        1e4
        * ratio(
            sector_column(result, "energy_coal_equivalent_tce", sector),
            sector_column(result, "value_added_cny", sector),
        )
    )


def sector_intensity_change(sector: str) -> Series:
    """Return the change of energy over value added of a sector since the base year, %."""
    return lambda result, base_year: change_percent(
        sector_intensity(sector)(result, base_year), result.clock.start_year, base_year
    )


def sector_output(*sectors: str) -> Series:
    """Return the output of sectors, bn CNY; nan where the place has none of them."""

    def of(result: RunResult, _: int) -> np.ndarray:
        if not set(sectors) & set(result.labels["sectors"]):
            return np.full(result.clock.n_years, np.nan)
        return 1e-9 * sector_column(result, "output_cny", *sectors)

    return of


def peak_of(basis: str, attribute: str = "peak_year") -> Series:
    """Return a constant series of an attribute of the peak of the whole run."""
    return lambda result, _: np.full(result.clock.n_years, float(getattr(result.peak(basis), attribute)))


def electric_vehicles(result: RunResult, _: int) -> np.ndarray:
    """Return the electric share of the capacity of in-plant vehicles, %; nan where the place has none."""
    table = result.by_year("technology").pivot(index="year", columns="technology", values="capacity_unit_per_year")
    if not {"intra_battery", "intra_diesel"} <= set(table.columns):
        return np.full(result.clock.n_years, np.nan)
    battery, diesel = table["intra_battery"].to_numpy(), table["intra_diesel"].to_numpy()
    return 100.0 * ratio(battery, battery + diesel)


def _stations(result: RunResult, _: int) -> np.ndarray:
    units = result.scenario.place.power.units
    found = sum(u.id in PLAN_STATIONS and u.node == "place" and float(u.capacity) > 0 for u in units)
    return np.full(result.clock.n_years, float(found))


def _co2_per_energy(low_mtce: float, high_mtce: float) -> Series:
    """CO2 over energy, tCO2/tce, in years in which the energy use lies in [low, high) Mtce.

    What a park takes in counts on both sides, power and steam (SM19): the statutory basis has power alone.
    """

    def of(result: RunResult, _: int) -> np.ndarray:
        energy = _column(result, "energy_coal_equivalent_tce")
        is_in = (energy >= 1e6 * low_mtce) & (energy < 1e6 * high_mtce)
        tco2 = _column(result, "dual_control_tco2") + _column(result, "purchased_heat_tco2")
        return np.where(is_in, ratio(tco2, energy), np.nan)

    return of


# --- of the six dimensions --------------------------------------------------------------------------------------------


def tapio(result: RunResult, base_year: int) -> np.ndarray:
    """Return the decoupling elasticity since the base year: % change of CO2 over % change of GDP; nan where 0."""
    start = result.clock.start_year
    co2 = change_percent(_column(result, "dual_control_tco2"), start, base_year)
    gdp = change_percent(_column(result, "gdp_cny"), start, base_year)
    found = np.full(co2.size, np.nan)
    np.divide(co2, gdp, out=found, where=np.abs(np.nan_to_num(gdp)) > 1e-9)
    return found


def smaller_share(over: str, less: str = "") -> Series:
    """Return the share of small and medium enterprises in a yearly column, cumulated over the run, %.

    ``less`` is taken off first: investment less subsidy is what an enterprise carries itself.
    """

    def of(result: RunResult, _: int) -> np.ndarray:
        agent = result.agent
        if agent.empty:
            return np.full(result.clock.n_years, np.nan)
        value = agent[over] - (agent[less] if less else 0.0)
        size = result.enterprises.set_index("enterprise")["size_class"]
        is_smaller = (agent["enterprise"].map(size) != "large").to_numpy()
        total = value.groupby(agent["year"]).sum().cumsum().to_numpy()
        smaller = value.where(is_smaller, 0.0).groupby(agent["year"]).sum().cumsum().to_numpy()
        return 100.0 * ratio(smaller, total)

    return of


def net_fiscal(result: RunResult, _: int) -> np.ndarray:
    """Return public money paid less surcharges and carbon income, M CNY a year."""
    paid = ("subsidy_cny", "tax_credit_cny", "interest_subsidy_cny", "support_cny")
    taken = ("surcharge_cny", "carbon_revenue_cny")
    return 1e-6 * (result.annual[list(paid)].sum(axis=1) - result.annual[list(taken)].sum(axis=1)).to_numpy()


def widely_used(result: RunResult, _: int) -> np.ndarray:
    """Return how many green technologies have left their first adopters."""
    table = result.by_year("technology")
    green = table[table["technology"].isin(result.labels["green_technologies"])]
    wide = (green["adoption_share"] >= WIDE_USE_SHARE).groupby(green["year"]).sum()
    return wide.reindex(list(result.clock.years), fill_value=0).to_numpy(dtype=float)


def delay_quarters(result: RunResult, _: int) -> np.ndarray:
    """Return the longest delay behind a target line that the government tracked, quarters, by year (I33)."""
    return _column(result, "schedule_slippage_quarters")


def near_zero_score(result: RunResult, _: int) -> np.ndarray:
    """Return the points of the near-zero park, mean of three tracks, by year; nan for what is no park (I28)."""
    years = result.clock.n_years
    if result.scenario.place.kind != "park":
        return np.full(years, np.nan)
    rows = list(registry.near_zero_criteria().values())
    series = {row.column: yearly(result, row.column) for row in rows}
    return np.array([track_points(rows, part_points(rows, series.__getitem__, at))["score"] for at in range(years)])


# --- of targets -------------------------------------------------------------------------------------------------------


def _is_censored(basis: str) -> Callable[[RunResult], bool]:
    return lambda result: result.peak(basis).is_censored


_NO_SECTOR = ("The place has no enterprises of this sector.", "该地区没有此行业企业。")
_NO_GAS = ("The policy sets no output of gas.", "政策未设定天然气产量。")
_PEAK_NOTE = "Year of the highest three-year mean (SM25), process CO₂ included; the plan does not define the peak."
_PEAK_NOTE_ZH = "按三年移动平均最高年份判定，含工业过程排放；规划未给出判定口径。"
_BAND = ("The park's energy use lies outside this size class.", "该园区能耗不在此档。")
_KAPPA_NOTE = (
    "Bought steam counts, power at the average factor of the province; the park test shows all factors and both "
    "conventions."
)
_KAPPA_NOTE_ZH = "含外购蒸汽，电力取省级平均因子；园区评估给出全部因子与两种折标口径。"
_SECTOR_NOTE = "Energy at coal equivalent, feedstock included, over value added at 2020 prices; own reading of 10 %."
_SECTOR_NOTE_ZH = "等价值能耗（含原料用能）与2020年价增加值之比；降幅10%为本模型理解。"

TARGET_MEASURES = (
    TargetMeasure(
        "peak_year_dual_control", "year", peak_of("dual_control"),
        f"{_PEAK_NOTE} Power taken in counts at the provincial average factor.",
        f"{_PEAK_NOTE_ZH}调入电力按省级平均因子计。", is_open=_is_censored("dual_control"),
    ),
    TargetMeasure(
        "peak_year_territorial", "year", peak_of("territorial"),
        f"{_PEAK_NOTE} Power sent out stays in, power taken in is left out.",
        f"{_PEAK_NOTE_ZH}含外送电排放，不含调入电。", is_open=_is_censored("territorial"),
    ),
    TargetMeasure(
        "energy_per_gdp_change_percent", "%", change("energy_coal_equivalent_tce", "gdp_cny"),
        "Coal equivalent, GDP at 2020 prices. The official assessment takes off feedstock and added renewable power, "
        "and counts losses of power plants; the model does neither.",
        "等价值、2020年价。官方考核扣除原料用能和新增可再生能源，并计入电厂转换损失，模型未作此处理。",
    ),
    TargetMeasure(
        "co2_per_gdp_change_percent", "%", change("dual_control_tco2", "gdp_cny"),
        "Energy use net of power trade, GDP at 2020 prices. Process CO₂ is counted here, and is not in the official "
        "figure.",
        "含净调入电力、2020年价。此处计入工业过程排放，官方口径不计。",
    ),
    TargetMeasure(
        "nonfossil_share_percent", "%", share("nonfossil_tce", "energy_coal_equivalent_tce"),
        "Power used counts with the clean share of the province, at coal equivalent; firewood, straw and waste fuel "
        "are counted as non-fossil. Base-year energy is of low confidence; where the base year lies above the target "
        "already, plan and model count differently: look at the change.",
        "用电按全省清洁电比重折算（等价值）；薪柴、秸秆和垃圾燃料计为非化石。基年能耗置信度低；若基年已高于目标，"
        "说明规划与模型口径不同，应看变化幅度。",
    ),
    TargetMeasure(
        "hydro_wind_solar_mw", "MW", level("hydro_solar_wind_mw"),
        "Plants of the place and roofs of enterprises; roofs of homes and public buildings are left out.",
        "含本地电站与企业屋顶光伏，不含居民和公共建筑屋顶。",
    ),
    TargetMeasure(
        "plan_hydropower_stations", "stations", _stations,
        "Stations of the plan in the data of the place. The model retires none, so this holds by construction.",
        "规划所列电站。模型不退役水电站，故此项按设定成立。",
    ),
    TargetMeasure(
        "coal_share_percent", "%", share("coal_tce", "energy_coal_equivalent_tce"),
        "Final coal and coke of all sectors; coal of power plants is not in it, though the official figure has it.",
        "终端煤炭与焦炭，不含发电用煤；官方口径包含。",
    ),
    TargetMeasure(
        "coal_change_percent_per_year", "%/yr", trend("coal_tce"),
        "Mean yearly change from the base year; single years may rise. Coal of power plants is not in it.",
        "自基年起的年均变化，个别年份可上升；不含发电用煤。",
    ),
    TargetMeasure(
        "demand_response_percent", "%", share("demand_response_mw", "peak_load_mw"),
        "Load that can be called, as the policy sets it, over the year's highest load: the share follows the setting "
        "of the lever, whether enterprises would really answer is not modelled.",
        "可调用负荷与年最大负荷之比：比重由政策设定，不模拟企业实际响应。",
    ),
    TargetMeasure(
        "chm_energy_per_value_added_change_percent", "%", sector_intensity_change("CHM"),
        f"{_SECTOR_NOTE} Energy and bulk chemicals only.", f"{_SECTOR_NOTE_ZH}仅含能源与基础化工。", *_NO_SECTOR,
    ),
    TargetMeasure(
        "eqp_energy_per_value_added_change_percent", "%", sector_intensity_change("EQP"), _SECTOR_NOTE,
        _SECTOR_NOTE_ZH, *_NO_SECTOR,
    ),
    TargetMeasure(
        "chemicals_output_bn_cny", "bn CNY", sector_output("CHM", "FCH"),
        "Output of energy, bulk and fine chemicals at 2020 prices; gas fields, power and batteries are left out. "
        "The plan gives no year: 2030 is our reading.",
        "基础化工与精细化工产值（2020年价），不含气田、电力和电池；规划未给年份，取2030年。", *_NO_SECTOR,
    ),
    TargetMeasure(
        "co2_per_energy_smaller_park", "tCO2/tce", _co2_per_energy(*SMALLER_PARK_MTCE), _KAPPA_NOTE, _KAPPA_NOTE_ZH,
        *_BAND,
    ),
    TargetMeasure(
        "co2_per_energy_larger_park", "tCO2/tce", _co2_per_energy(SMALLER_PARK_MTCE[1], np.inf), _KAPPA_NOTE,
        _KAPPA_NOTE_ZH, *_BAND,
    ),
    TargetMeasure(
        "co2_change_percent_per_year", "%/yr", trend("dual_control_tco2"),
        "CO₂ only, mean yearly change of the park; the programme speaks of all its parks and all greenhouse gases.",
        "仅二氧化碳，为本园区年均变化；方案针对全部园区和全部温室气体。",
    ),
    TargetMeasure(
        "co2_per_output_change_percent", "%", change("dual_control_tco2", "output_cny"),
        "CO₂ only, over output at 2020 prices. 'Significantly' is read as any fall.",
        "仅二氧化碳，2020年价产值。“显著”按下降即可理解。",
    ),
    TargetMeasure(
        "output_bn_cny", "bn CNY", level("output_cny", 1e-9),
        "Output of enterprises at 2020 prices, all members together; the report states current prices.",
        "全部成员企业产值（2020年价）；报道为现价。",
    ),
    TargetMeasure(
        "green_output_bn_cny", "bn CNY", sector_output("BAT", "ELE"),
        "Batteries, electronics and photovoltaics at 2020 prices, read by us as the green industry of the programme.",
        "动力电池、电子与光伏产值（2020年价），作为绿色低碳优势产业的近似。", *_NO_SECTOR,
    ),
    TargetMeasure(
        "gas_output_bcm_per_year", "bcm/yr", level("gas_output_bcm_per_year"),
        "Output follows the plan's own figure, which is also the supply that the model rations: fields are not "
        "modelled, so this holds by construction.",
        "产量取规划设定值（亦为模型供气上限），不模拟气田，故此项按设定成立。", *_NO_GAS,
    ),
    TargetMeasure(
        "innovation_platforms", "platforms", level("innovation_platforms"),
        "As the policy sets them; what they bring, skill and earlier technology, is modelled.",
        "数量由政策设定；模型计算其对管理能力和技术成熟的作用。",
    ),
    TargetMeasure(
        "capability_index", "index", level("capability"),
        "Mean management capability of enterprises, an assumption of the model. 'Greatly' is read as any rise.",
        "企业平均管理能力，为模型假设。“大幅”按上升即可理解。",
    ),
)  # fmt: skip
