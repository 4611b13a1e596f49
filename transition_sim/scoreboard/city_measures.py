"""What targets on projects, buildings, transport, waste, land are measured by: yearly series of a run (SM20-23)."""

import numpy as np

from transition_sim.results import RunResult
from transition_sim.scoreboard.measures import (
    TargetMeasure,
    change,
    electric_vehicles,
    level,
    share,
)
from transition_sim.world.peak import Peak, peak_metrics

_NO_STOCK = (
    "The place states no such stock, or nothing of it was built or bought in the year.",
    "该地区未给出此类存量，或当年没有新建、新购。",
)
_SETTING = "The share is what the policy sets for new buildings; whether builders keep to it is not modelled."
_SETTING_ZH = "为政策对新建建筑的设定，不模拟执行偏差。"
_BUILT = "Built in equal parts over five years once the policy sets the programme."
_BUILT_ZH = "政策设定后按五年等量建成。"


def _oil_peak(result: RunResult) -> Peak:
    oil = result.annual["land_transport_oil_tce"]
    return peak_metrics(np.asarray(oil.index), oil.to_numpy())


def oil_plateau(result: RunResult, _: int) -> np.ndarray:
    """Return a constant series of the first year of the plateau of road oil: within 2 % of its peak (SM25)."""
    oil = result.annual["land_transport_oil_tce"].to_numpy(dtype=float)
    if not oil.max(initial=0.0) > 0:
        return np.full(oil.size, np.nan)
    peak = _oil_peak(result)
    first = int(peak.peak_year) - result.clock.start_year
    while first > 0 and oil[first - 1] >= 0.98 * peak.peak_value:
        first -= 1
    return np.full(oil.size, float(result.clock.start_year + first))


def electric_machines(result: RunResult, base_year: int) -> np.ndarray:
    """Return the electric share of in-plant vehicles or of port machines, the lower of the two, %."""
    ports = share("electric_port_machines", "port_machines")(result, base_year)
    return np.fmin(electric_vehicles(result, base_year), ports)


CITY_MEASURES = (
    TargetMeasure(
        "key_projects", "projects", level("key_projects"),
        "Energy users on the list that the policy sets which have ordered green equipment since; the plan names no "
        "projects that could be counted.",
        "列入政策设定名单且已订购绿色设备的用能单位数；规划未列出可逐项核对的项目。",
    ),
    TargetMeasure(
        "loose_coal_tce", "tce", level("loose_coal_tce"),
        "Coal of homes and shops; small stoves of works are in the balance of enterprises.",
        "居民和商户燃煤；工厂小炉灶计入企业。",
    ),
    TargetMeasure(
        "building_electricity_percent", "%", share("building_electricity_gj", "building_energy_gj"),
        "Electricity over final energy of all buildings, straw and firewood included.",
        "全部建筑终端用能中电力占比，含薪柴秸秆。", *_NO_STOCK,
    ),
    TargetMeasure(
        "green_standard_percent", "%", share("green_standard_m2", "new_urban_m2"),
        "Urban floor of the year to the national code of 2022 or better; all of it from 2022 on, by rule.",
        "当年城镇新建建筑执行2022年国家规范及以上的比例，2022年起按规定全部执行。", *_NO_STOCK,
    ),
    TargetMeasure(
        "star_rated_percent", "%", share("star_rated_m2", "new_urban_m2"), _SETTING, _SETTING_ZH, *_NO_STOCK,
    ),
    TargetMeasure(
        "building_renewable_percent", "%", share("urban_renewable_gj", "urban_building_energy_gj"),
        "Collectors, heat pumps and public roofs over the energy of urban buildings; 6 % in 2020 as in the nation.",
        "集热、热泵与公共屋顶光伏占城镇建筑用能比重；2020年取全国6%。", *_NO_STOCK,
    ),
    TargetMeasure(
        "public_roof_pv_percent", "%", share("new_public_pv_roof_m2", "new_public_roof_m2"), _SETTING, _SETTING_ZH,
        *_NO_STOCK,
    ),
    TargetMeasure(
        "all_electric_public_percent", "%", share("all_electric_public_m2", "new_public_m2"),
        "5 % without effort, rising with the demonstration by public institutions; an assumption.",
        "无政策时5%，随公共机构示范力度上升，为模型假设。", *_NO_STOCK,
    ),
    TargetMeasure(
        "new_energy_buses_percent", "%", share("electric_buses_bought", "buses_bought"),
        "Electric among the city buses bought in the year; buses on gas do not count.",
        "当年新增更换城市公交中电动占比，燃气公交不计。", *_NO_STOCK,
    ),
    TargetMeasure(
        "electric_machines_percent", "%", electric_machines,
        "The lower of two shares: vehicles in plants, and machines of ports and hubs. 90 % is our reading.",
        "厂内车辆与港口枢纽机械两个比例中较低者。“基本”按90%理解。",
        "The place has no such vehicles.", "该地区无此类车辆。",
    ),
    TargetMeasure(
        "operating_vehicle_co2_change_percent", "%", change("operating_vehicle_tco2", "operating_turnover_tkm"),
        "Exhaust CO₂ of taxis, buses, coaches and lorries; a passenger-kilometre counts as 0.1 tonne-kilometres.",
        "出租、公交、客运和货运车辆尾气二氧化碳；1人公里折0.1吨公里。", *_NO_STOCK,
    ),
    TargetMeasure(
        "road_oil_plateau_year", "year", oil_plateau,
        "First year of the run of years within 2 % of the highest use of gasoline and diesel on roads.",
        "陆路汽柴油消费处于峰值2%以内的首年。",
        "The place has no vehicles.", "该地区无车辆。",
        is_open=lambda result: _oil_peak(result).is_censored,
    ),
    TargetMeasure("charging_stations", "stations", level("charging_stations"), _BUILT, _BUILT_ZH),
    TargetMeasure("charging_piles", "piles", level("charging_piles"), _BUILT, _BUILT_ZH),
    TargetMeasure(
        "terminal_fast_charging_percent", "%", level("terminal_fast_charging_share", 100.0),
        "Follows the stations of the programme in proportion: 254 stations, half of the terminals.",
        "与充电站建设同比例：254座对应一半客运站。",
    ),
    TargetMeasure(
        "waste_used_percent", "%", share("waste_used_t", "waste_t"),
        "Household waste of towns recycled, or burnt for power less the ash.",
        "城镇生活垃圾回收，或焚烧发电（扣除灰渣）。", *_NO_STOCK,
    ),
    TargetMeasure(
        "raw_landfill_t", "t/yr", level("raw_landfill_t"),
        "Works for what was buried are built while the programme of sorting runs.",
        "分类推进期间建成焚烧能力消纳原填埋量。",
    ),
    TargetMeasure(
        "waste_sorted_percent", "%", level("waste_sorted_share", 100.0),
        "Coverage as the policy sets it; how many of the covered sort depends on attitudes.",
        "覆盖率由政策设定，实际参与分类的比例取决于居民态度。",
    ),
    TargetMeasure(
        "forest_cover_percent", "%", share("forest_ha", "land_ha"),
        "31.5 % in 2020 is an assumption; planted land counts at once. Sinks never lower the peak.",
        "2020年31.5%为假设，造林当年计入；碳汇不抵减峰值。", *_NO_STOCK,
    ),
    TargetMeasure(
        "forest_stock_m_m3", "M m3", level("forest_stock_m3", 1e-6),
        "7.5 million m3 in 2020 is an assumption, and the figure of the plan is unclear.",
        "2020年750万立方米为假设；规划数字存疑。",
    ),
)  # fmt: skip
