"""What a run remembers: every column of the result tables, declared once with unit and meaning.

``annual`` says how four quarters become a year: ``sum`` of flows, ``last`` of stocks, ``mean`` of states, ``max``.
"""

from dataclasses import dataclass
from typing import Literal

Annual = Literal["sum", "last", "mean", "max"]


@dataclass(frozen=True)
class Column:
    """One column of a result table."""

    name: str
    unit: str
    en: str
    zh: str
    annual: Annual = "sum"


PLACE = (
    Column("territorial_tco2", "tCO2", "CO2 inside the place, power plants included", "地域排放（含本地电厂）"),
    Column("dual_control_tco2", "tCO2", "CO2 of energy used, net of power trade", "双控口径排放（含净调入电力）"),
    Column("enterprise_scope1_tco2", "tCO2", "direct CO2 of enterprises", "企业直接排放"),
    Column("process_tco2", "tCO2", "process CO2 of enterprises before capture", "工业过程排放（捕集前）"),
    Column("captured_tco2", "tCO2", "CO2 captured", "捕集量"),
    Column("city_tco2", "tCO2", "transport, buildings, farming", "交通、建筑、农业等"),
    Column("power_tco2", "tCO2", "power plants of the place", "本地电厂排放"),
    Column("scope2_location_tco2", "tCO2", "purchased power and heat, average factor", "外购电热排放（平均因子）"),
    Column("scope2_market_tco2", "tCO2", "purchased power, certificates at zero", "外购电热排放（市场法）"),
    Column("purchased_heat_tco2", "tCO2", "purchased steam", "外购蒸汽排放"),
    Column("scope3_upstream_tco2", "tCO2", "embodied in purchased goods", "上游隐含排放"),
    Column("grid_tco2_per_mwh", "tCO2/MWh", "provincial average factor", "省级电网平均因子", "mean"),
    Column("residual_tco2_per_mwh", "tCO2/MWh", "residual mix after claims", "剩余电力因子", "mean"),
    Column("energy_coal_equivalent_tce", "tce", "energy use, power at coal equivalent", "能源消费（等价值）"),
    Column("energy_calorific_tce", "tce", "energy use, calorific", "能源消费（当量值）"),
    Column("coal_tce", "tce", "final use of coal and coke", "终端煤炭消费"),
    Column("nonfossil_tce", "tce", "non-fossil energy used, power at coal equivalent", "非化石能源消费"),
    Column("clean_electricity_mwh", "MWh", "non-fossil power used", "非化石电力消费"),
    Column("electricity_mwh", "MWh", "electricity used", "用电量"),
    Column("peak_load_mw", "MW", "highest load of the place", "最大负荷", "max"),
    Column("demand_response_mw", "MW", "load that can be cut at the peak", "需求响应能力", "max"),
    Column("coal_power_mwh", "MWh", "local coal power", "本地煤电发电量"),
    Column("hydro_mwh", "MWh", "local hydropower", "本地水电发电量"),
    Column("other_power_mwh", "MWh", "other local plants", "本地其他发电量"),
    Column("roof_pv_mwh", "MWh", "rooftop PV of enterprises", "企业屋顶光伏发电量"),
    Column("exported_mwh", "MWh", "power sent out", "外送电量"),
    Column("imported_mwh", "MWh", "power taken in", "受入电量"),
    Column("curtailed_mwh", "MWh", "renewable power curtailed in the place", "弃电量"),
    Column("unserved_mwh", "MWh", "load not served", "未供电量"),
    Column("power_value_cny_per_mwh", "CNY/MWh", "load-weighted dispatch price", "调度加权电价", "mean"),
    Column("tariff_cny_per_mwh", "CNY/MWh", "mean industrial tariff", "工业平均电价", "mean"),
    Column("hydro_solar_wind_mw", "MW", "hydro, wind and solar capacity", "水风光装机", "last"),
    Column("roof_pv_mw", "MW", "rooftop PV of enterprises", "企业屋顶光伏装机", "last"),
    Column("storage_mwh", "MWh", "storage of enterprises", "企业储能容量", "last"),
    Column("gdp_cny", "CNY", "gross domestic product, 2020 prices", "地区生产总值（2020年价）"),
    Column("value_added_cny", "CNY", "value added of enterprises, 2020 prices", "企业增加值（2020年价）"),
    Column("output_cny", "CNY", "output of enterprises, 2020 prices", "企业总产值（2020年价）"),
    Column("leaked_cny", "CNY", "orders lost to the rest of the world", "外溢订单"),
    Column("clinker_t", "t", "clinker", "熟料产量"),
    Column("clinker_capacity_t_per_year", "t/yr", "permitted clinker capacity", "熟料产能", "last"),
    Column("permit_cny_per_t", "CNY per t/yr", "price of capacity permits", "产能指标价格", "mean"),
    Column("desired_capex_cny", "CNY", "investment wanted", "意愿投资"),
    Column("approved_capex_cny", "CNY", "investment financed", "获批投资"),
    Column("rationed_capex_cny", "CNY", "investment refused by banks", "信贷配给额"),
    Column("capex_cny", "CNY", "low-carbon equipment bought", "设备投资"),
    Column("subsidy_cny", "CNY", "capital subsidies", "投资补贴"),
    Column("interest_subsidy_cny", "CNY", "interest subsidies", "贴息"),
    Column("support_cny", "CNY", "storage support and demand response paid by the budget", "储能与需求响应补助"),
    Column("tax_credit_cny", "CNY", "tax credits", "税收抵免"),
    Column("carbon_revenue_cny", "CNY", "carbon price income", "碳价收入"),
    Column("surcharge_cny", "CNY", "differential and punitive tariff income", "差别和惩罚电价收入"),
    Column("budget_cny", "CNY", "green budget left", "绿色预算余额", "last"),
    Column("queue_cny", "CNY", "subsidy applications without money", "补贴排队金额"),
    Column("loans_cny", "CNY", "bank loans outstanding", "贷款余额", "last"),
    Column("bank_capital_cny", "CNY", "bank capital", "银行资本", "last"),
    Column("defaults", "-", "enterprises that default", "违约企业数"),
    Column("enterprises", "-", "enterprises in business", "存续企业数", "last"),
    Column("committed_share", "-", "enterprises with green purchasing", "绿色采购企业占比", "last"),
    Column("capability", "-", "mean management capability", "平均管理能力", "mean"),
    Column("green_traded_mwh", "MWh", "green power bought", "绿电交易量"),
    Column("claimed_mwh", "MWh", "certificates claimed", "绿证注销量"),
    Column("direct_line_mwh", "MWh", "green power over direct lines", "绿电直连电量"),
    Column("direct_green_mwh", "MWh", "green power from own roofs and direct lines", "绿电直供电量（屋顶与直连）"),
    Column("certificate_cny_per_mwh", "CNY/MWh", "certificate price", "绿证价格", "mean"),
    Column("green_premium_cny_per_mwh", "CNY/MWh", "mean environmental premium", "绿电环境溢价", "mean"),
    Column("decisions", "-", "decisions taken", "决策次数"),
    Column("orders", "-", "investments ordered", "下单投资次数"),
    Column("credibility", "-", "credibility of policy", "政策可信度", "last"),
    Column("allowance_cny_per_t", "CNY/t", "price of carbon allowances", "碳配额价格", "mean"),
    Column("covered_enterprises", "-", "enterprises and plants in the carbon market", "碳市场重点排放单位数", "last"),
    Column("allowances_allocated_t", "t", "allowances issued, auctioned ones included", "配额发放量（含有偿）"),
    Column("allowances_bought_t", "t", "allowances bought", "配额买入量"),
    Column("allowances_sold_t", "t", "allowances sold", "配额卖出量"),
    Column("allowances_surrendered_t", "t", "allowances and offsets surrendered", "配额清缴量（含抵销）"),
    Column("allowances_banked_t", "t", "allowances carried over", "配额结转量", "last"),
    Column("offsets_t", "t", "credits used as offsets", "抵销使用的核证减排量"),
    Column("allowances_cny", "CNY", "paid for allowances, offsets and penalties, less sales", "配额净支出"),
    Column("sink_credits_t", "t", "credits issued to sink projects", "林草碳汇签发量"),
)
SECTOR = (
    Column("output_cny", "CNY", "output, 2020 prices", "总产值（2020年价）"),
    Column("value_added_cny", "CNY", "value added, 2020 prices", "增加值（2020年价）"),
    Column("scope1_tco2", "tCO2", "direct CO2", "直接排放"),
    Column("scope2_location_tco2", "tCO2", "purchased power and heat, average factor", "外购电热排放"),
    Column("energy_coal_equivalent_tce", "tce", "energy use, power at coal equivalent", "能源消费（等价值）"),
    Column("electricity_mwh", "MWh", "electricity used", "用电量"),
    Column("capex_cny", "CNY", "equipment bought", "设备投资"),
    Column("subsidy_cny", "CNY", "capital subsidies", "投资补贴"),
    Column("profit_cny", "CNY", "profit before tax", "税前利润"),
    Column("leaked_cny", "CNY", "orders lost to the rest of the world", "外溢订单"),
    Column("price_index", "-", "mean price, base year = 1", "价格指数", "mean"),
    Column("enterprises", "-", "enterprises in business", "存续企业数", "last"),
)
COUNTY = (
    Column("output_cny", "CNY", "output, 2020 prices", "总产值（2020年价）"),
    Column("value_added_cny", "CNY", "value added, 2020 prices", "增加值（2020年价）"),
    Column("scope1_tco2", "tCO2", "direct CO2", "直接排放"),
    Column("scope2_location_tco2", "tCO2", "purchased power and heat, average factor", "外购电热排放"),
    Column("energy_coal_equivalent_tce", "tce", "energy use, power at coal equivalent", "能源消费（等价值）"),
    Column("capex_cny", "CNY", "equipment bought", "设备投资"),
    Column("subsidy_cny", "CNY", "capital subsidies", "投资补贴"),
    Column("enterprises", "-", "enterprises in business", "存续企业数", "last"),
)
TECHNOLOGY = (
    Column("capacity_unit_per_year", "unit/yr", "active capacity", "在役容量", "last"),
    Column("enterprises", "-", "enterprises that use it", "采用企业数", "last"),
    Column("adoption_share", "-", "share of the enterprises that could", "采用率", "last"),
    Column("orders", "-", "orders placed", "下单数"),
    Column("capex_index", "-", "capital cost, base year = 1", "投资成本指数", "mean"),
)
AGENT = (
    Column("output_cny", "CNY", "output, 2020 prices", "总产值（2020年价）"),
    Column("scope1_tco2", "tCO2", "direct CO2", "直接排放"),
    Column("scope2_location_tco2", "tCO2", "purchased power and heat", "外购电热排放"),
    Column("scope3_upstream_tco2", "tCO2", "embodied in purchased goods", "上游隐含排放"),
    Column("electricity_mwh", "MWh", "electricity used", "用电量"),
    Column("energy_coal_equivalent_tce", "tce", "energy use", "能源消费（等价值）"),
    Column("capex_cny", "CNY", "equipment bought", "设备投资"),
    Column("subsidy_cny", "CNY", "capital subsidies", "投资补贴"),
    Column("profit_cny", "CNY", "profit before tax", "税前利润"),
    Column("cash_cny", "CNY", "cash", "现金", "last"),
    Column("debt_cny", "CNY", "loans", "贷款", "last"),
    Column("price_index", "-", "price of output", "价格指数", "mean"),
    Column("capability", "-", "management capability", "管理能力", "last"),
    Column("claimed_mwh", "MWh", "certificates claimed", "绿证注销量"),
    Column("is_alive", "-", "in business", "存续", "last"),
)
EVENT_KINDS = {
    "default": ("default", "违约"),
    "permit_trade": ("capacity permits traded", "产能指标交易"),
    "line_closed": ("kiln closed", "窑线关停"),
    "shortage": ("power shortage", "电力短缺"),
    "budget_exhausted": ("green budget exhausted", "绿色预算用尽"),
    "phase_out": ("told to retrofit or close", "限期改造或关停"),
    "allowances_short": ("allowances missing at the surrender", "配额清缴缺口"),
    "lever": ("lever changed", "政策调整"),
    "peak": ("peak", "达峰"),
    "shock": ("shock begins", "外部冲击开始"),
    "promise_broken": ("announcement broken", "已公布政策落空"),
    "accident": ("major accident", "重大事故"),
}
