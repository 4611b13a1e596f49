"""The six dimensions that a place is looked at from (SM25): indicators side by side, never added up."""

from dataclasses import dataclass

from transition_sim.scoreboard import measures as m
from transition_sim.scoreboard.copying import copied_share
from transition_sim.scoreboard.measures import Series


@dataclass(frozen=True)
class DimensionRow:
    """An indicator behind a dimension; ``of`` is None where this version has nothing that computes it."""

    dimension: str
    key: str
    indicator: str
    en: str
    zh: str
    unit: str
    good_direction: str
    of: Series | None
    note_en: str = ""
    note_zh: str = ""


_CUMULATED = ("All years up to this one.", "累计至该年。")

DIMENSION_ROWS = (
    DimensionRow("emission_path", "dual_control_mtco2", "I05", "CO₂, dual control", "双控口径排放", "MtCO2", "down",
                 m.level("dual_control_tco2", 1e-6)),
    DimensionRow("emission_path", "territorial_mtco2", "I05", "CO₂, territorial", "地域口径排放", "MtCO2", "down",
                 m.level("territorial_tco2", 1e-6)),
    DimensionRow("emission_path", "peak_year", "I05", "Peak year, dual control", "达峰年份（双控）", "year", "none",
                 m.peak_of("dual_control"), "Neither early nor late is good by itself.", "达峰早晚本身不作评判。"),
    DimensionRow("emission_path", "plateau_years", "I05", "Length of the plateau", "平台期长度", "years", "none",
                 m.peak_of("dual_control", "plateau_years")),
    DimensionRow("emission_path", "co2_per_gdp", "I02", "CO₂ per GDP", "单位GDP排放", "t/10k CNY", "down",
                 m.share("dual_control_tco2", "gdp_cny", 1e4)),
    DimensionRow("emission_path", "decoupling", "I48", "Decoupling since the base year", "自基年起脱钩指数",
                 "elasticity", "down", m.tapio, "Below 0 strong, to 0.8 weak decoupling.",
                 "小于0为强脱钩，0至0.8为弱脱钩。"),
    DimensionRow("energy_system", "nonfossil_percent", "I03", "Non-fossil share of energy", "非化石能源占比", "%", "up",
                 m.share("nonfossil_tce", "energy_coal_equivalent_tce")),
    DimensionRow("energy_system", "coal_percent", "I34", "Coal share of energy, final use", "终端煤炭占比", "%", "down",
                 m.share("coal_tce", "energy_coal_equivalent_tce")),
    DimensionRow("energy_system", "electrification_percent", "I35", "Electrification", "电气化水平", "%", "up",
                 m.share("electricity_mwh", "energy_calorific_tce", 100.0 * m.CALORIFIC_TCE_PER_MWH)),
    DimensionRow("energy_system", "green_electricity_percent", "I36", "Non-fossil share of electricity",
                 "非化石电力占比", "%", "up", m.share("clean_electricity_mwh", "electricity_mwh")),
    DimensionRow("energy_system", "hydro_wind_solar_mw", "I04", "Hydro, wind and solar capacity", "水风光装机", "MW",
                 "up", m.level("hydro_solar_wind_mw")),
    DimensionRow("energy_system", "demand_response_percent", "I07", "Demand response over peak load",
                 "需求侧响应占比", "%", "up", m.share("demand_response_mw", "peak_load_mw")),
    DimensionRow("energy_system", "unserved_percent", "I43", "Energy not served", "未供电量比例", "%", "down",
                 m.share("unserved_mwh", "electricity_mwh")),
    DimensionRow("industry", "value_added_bn_cny", "I44", "Value added of enterprises", "企业增加值", "bn CNY", "up",
                 m.level("value_added_cny", 1e-9)),
    DimensionRow("industry", "output_bn_cny", "I29", "Output of enterprises", "企业总产值", "bn CNY", "up",
                 m.level("output_cny", 1e-9)),
    DimensionRow("industry", "chm_tce_per_10k_cny", "I01", "Energy per value added, energy and chemicals",
                 "能源化工单位增加值能耗", "tce/10k CNY", "down", m.sector_intensity("CHM")),
    DimensionRow("industry", "eqp_tce_per_10k_cny", "I01", "Energy per value added, equipment",
                 "装备制造单位增加值能耗", "tce/10k CNY", "down", m.sector_intensity("EQP")),
    DimensionRow("industry", "clinker_capacity_mt", "I39", "Clinker capacity permitted", "熟料产能", "Mt/yr", "down",
                 m.level("clinker_capacity_t_per_year", 1e-6)),
    DimensionRow("industry", "leakage_percent", "I45", "Orders lost to the rest of the world", "产出外溢率", "%",
                 "down", m.share("leaked_cny", "output_cny")),
    DimensionRow("finance_fairness", "funding_gap_percent", "I32", "Wanted investment refused by banks",
                 "资金缺口率", "%", "down", m.share("rationed_capex_cny", "desired_capex_cny")),
    DimensionRow("finance_fairness", "net_fiscal_m_cny", "I40", "Net public cost", "财政净成本", "M CNY/yr", "down",
                 m.net_fiscal),
    DimensionRow("finance_fairness", "smaller_subsidy_percent", "I46", "Smaller firms' share of subsidies",
                 "中小企业补贴占比", "%", "up", m.smaller_share("subsidy_cny"), *_CUMULATED),
    DimensionRow("finance_fairness", "smaller_own_capex_percent", "", "Smaller firms' share of own investment",
                 "中小企业自付投资占比", "%", "none", m.smaller_share("capex_cny", "subsidy_cny"), *_CUMULATED),
    DimensionRow("finance_fairness", "smaller_output_percent", "", "Smaller firms' share of output",
                 "中小企业产值占比", "%", "none", m.smaller_share("output_cny"), *_CUMULATED),
    DimensionRow("finance_fairness", "defaults", "", "Enterprises that default", "违约企业数", "firms/yr", "down",
                 m.level("defaults")),
    DimensionRow("capability", "capability", "I31", "Management capability", "碳管理能力", "index", "up",
                 m.level("capability")),
    DimensionRow("capability", "credibility", "", "Credibility of policy", "政策可信度", "index", "up",
                 m.level("credibility")),
    DimensionRow("capability", "committed_percent", "", "Enterprises with green purchasing", "绿色采购企业占比", "%",
                 "up", m.level("committed_share", 100.0)),
    DimensionRow("capability", "schedule_slippage", "I33", "Delay behind the plan", "进度滞后", "quarters", "down",
                 m.delay_quarters, "Of what the government tracks, last year's figures.", "政府跟踪指标，上年数据。"),
    DimensionRow("capability", "near_zero_score", "I28", "Near-zero-carbon park score", "近零碳园区评分", "points",
                 "up", m.near_zero_score, "Parks only.", "仅适用于园区。"),
    DimensionRow("replicability", "widely_used", "I37", "Green technologies beyond their first users",
                 "越过早期采用者的绿色技术数", "technologies", "up", m.widely_used,
                 "In use by 16 % or more of the enterprises that could: what others could copy, not what they did.",
                 "可采用企业中采用率达16%及以上：表示可供借鉴的技术，而非已推广。"),
    DimensionRow("replicability", "copies", "I47", "Practices copied by other places", "经验推广", "index", "up",
                 copied_share,
                 "Between counties of the place, mean of green technologies; of a portfolio, between its members.",
                 "本地各县之间，绿色技术平均；组合为成员之间。"),
)  # fmt: skip
