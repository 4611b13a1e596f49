"""Measures of by-products, recyclables and main resources that targets of plans are read from (SM18, SM25)."""

from transition_sim.scoreboard.measures import TargetMeasure, change, level, share

_NO_WASTE = ("The place makes no bulk solid waste.", "该地区不产生大宗固废。")
_WASTE_NOTE = (
    "Ash, gypsum and slag alone, by assumed amounts a unit of output; two fifths were in use in 2020, an assumption."
)
_WASTE_NOTE_ZH = "仅含粉煤灰、脱硫石膏和炉渣，按单位产出假设量估算；2020年利用四成为假设。"

CIRCULAR_MEASURES = (
    TargetMeasure(
        "circular_parks_percent", "%", level("circular_park_share", 100.0),
        "The share of parks is what the policy sets; what enterprises make of it is modelled.",
        "园区比例由政策设定，企业间合作由模型模拟。",
    ),
    TargetMeasure(
        "resource_productivity_change_percent", "%", change("output_cny", "main_resources_t"),
        "Output at 2020 prices over fuels, limestone, stone and clay of all enterprises, parks or not; metals, timber "
        "and grain are left out.",
        "全部企业2020年价产值与燃料、石灰石、砂石黏土之比，不限园区；不含金属、木材和粮食。",
    ),
    TargetMeasure(
        "solid_waste_used_m_t", "Mt/yr", level("solid_waste_used_t", 1e-6),
        f"{_WASTE_NOTE} What is used in the year: works could take somewhat more.",
        f"{_WASTE_NOTE_ZH}按当年实际利用量，能力略高于此。",
    ),
    TargetMeasure(
        "solid_waste_used_percent", "%", share("solid_waste_used_t", "solid_waste_t"), _WASTE_NOTE, _WASTE_NOTE_ZH,
        *_NO_WASTE,
    ),
    TargetMeasure(
        "recyclables_m_t", "Mt/yr", level("recyclables_used_t", 1e-6),
        "What arises a head and its collection in 2020 are assumptions; the programme and metal prices move it.",
        "人均产生量和2020年回收率为假设，随项目力度和金属价格变化。",
    ),
)  # fmt: skip
