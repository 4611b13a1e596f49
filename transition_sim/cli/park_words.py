"""Words of the park tests in English and Chinese."""

from transition_sim.cli.words import Words

_WORDS = {
    "judged": (
        "Judged in {year} over {n} runs, seeds {first} to {last}",
        "评估年份 {year}，{n} 次模拟，种子 {first} 至 {last}",
    ),
    "judged_1": ("Judged in {year} over 1 run, seed {first}", "评估年份 {year}，1 次模拟，种子 {first}"),
    "two_tests": (
        "Two different tests: the national one asks for a level, the provincial one for a trend and for deeds. Neither"
        " says anything about the other.",
        "两项不同的评估：国家零碳园区看水平，省级近零碳园区看趋势与工作成效，互不替代。",
    ),
    "zero_carbon": ("Zero-carbon park (national notice of 2025)", "国家零碳园区（2025年通知）"),
    "near_zero": ("Near-zero-carbon park (provincial programme of 2022)", "省级近零碳排放园区（2022年试点方案）"),
    # conditions
    "condition": ("condition of entry", "申报条件"),
    "found": ("found", "模拟值"),
    "needed": ("needed", "要求"),
    "holds": ("holds", "是否满足"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "unknown": ("not known", "未知"),
    "never": ("none on record", "无记录"),
    "eligible": ("Entry: open in {percent} % of the runs.", "申报条件：{percent}% 的模拟满足。"),
    "not_eligible": ("Entry: closed. Stands in the way: {names}.", "申报条件：不满足。制约条件：{names}。"),
    "maybe_eligible": ("Entry: not known, for want of: {names}.", "申报条件：资料不足，缺少：{names}。"),
    # verdicts
    "factor": ("power not green at", "未抵扣电力因子"),
    "grid": ("t/MWh", "吨/兆瓦时"),
    "convention": ("tce/MWh", "折标系数"),
    "energy": ("ktce", "千吨标煤"),
    "kappa": ("t/tce", "吨/吨标煤"),
    "range": ("5-95 %", "5-95%区间"),
    "limit": ("limit", "限值"),
    "level": ("level", "水平判定"),
    "keeps": ("% of runs", "模拟占比%"),
    "excess": ("kt to go", "差距千吨"),
    "green": ("or green GWh", "或绿电吉瓦时"),
    "binding": ("what binds", "制约因素"),
    "provincial": ("province, of the run", "省级（模拟）"),
    "national_average": ("national average", "全国平均"),
    "national_residual": ("national, green out", "全国（剔除市场化绿电）"),
    "national_fossil": ("national, fossil only", "全国化石电力"),
    "coal_equivalent": ("0.300", "0.300"),
    "calorific": ("0.1229", "0.1229"),
    "pass": ("pass", "达标"),
    "fail": ("fail", "不达标"),
    "no_threshold": ("no threshold", "无国家限值"),
    "none": ("nothing", "无"),
    "power": ("power", "非绿色电力"),
    "direct_supply": ("direct supply", "直供不足"),
    "fuel": ("fuel, process", "燃料与工艺"),
    "heat": ("steam", "外购蒸汽"),
    "then_left": ("{green} (+{left})", "{green}（+{left}）"),
    "kappa_long": ("CO₂ per energy, tCO₂/tce", "单位能耗碳排放，吨/吨标煤"),
    "default_note": (
        "0.300 tce/MWh: coal equivalent; 0.1229: calorific. * read first when one reading is wanted. The table of"
        " factors in the notice could not be read and its denominator is not stated: all eight readings stand.",
        "0.300：等价值；0.1229：当量值。* 需要单一口径时的默认读法。通知附表的排放因子未能查得，分母折标方法亦未明示，"
        "故八种口径并列。",
    ),
    "small_note": (
        "Below 0.2 Mtce a year the notice sets no threshold: the limit of the smaller class is shown as information.",
        "年能耗低于20万吨标煤无国家限值：所列为较小一档限值，仅供参考。",
    ),
    "distance_note": (
        "To go: kt of CO₂ above the limit at this energy use, or GWh of further direct green supply that close it;"
        " (+) kt stay when all power is green, and fuel, processes or steam must give. Certificates count for half of"
        " the power at most.",
        "差距：在该能耗下超出限值的排放量，或弥补差距所需新增绿电直供电量；（+）为全部用绿电后仍须由燃料、工艺或蒸汽削减的量。绿证最多抵扣一半用电。",
    ),
    "overall": (
        "Passes, entry included, default reading: {percent} % of the runs",
        "综合通过（含申报条件，默认口径）：{percent}% 的模拟",
    ),
    "guiding": ("guiding indicator, no veto", "引导性指标（非否决项）"),
    "not_modelled": ("not modelled: {reason}", "未模拟：{reason}"),
    # near-zero
    "rule": ("definition, over the three years to {year}", "定义判断（截至{year}年的三年）"),
    "change": ("change", "变化"),
    "in_runs": ("holds in runs, %", "满足的模拟占比%"),
    "total_falls": ("CO₂ falls", "排放总量下降"),
    "intensity_falls": ("CO₂ per output falls every year", "单位产值排放逐年下降"),
    "part": ("part", "评分项"),
    "rise": ("rise of {percent} %", "上升{percent}%"),
    "points": ("points", "得分"),
    "weight": ("weight", "权重"),
    "track_management": ("Management mechanism", "碳减排管理机制"),
    "track_energy": ("Energy transformation", "能源低碳转型"),
    "track_saving": ("Energy saving and low carbon", "节能降碳"),
    "score": ("Score, mean of the tracks: {score} ({low} .. {high})", "总分（三方面平均）：{score}（{low} .. {high}）"),
    "grade": ("Grade: {grade} (A from {a}, B from {b}, C from {c})", "等级：{grade}（A≥{a}，B≥{b}，C≥{c}）"),
    "no_grade": ("none", "不定级"),
    "acceptance": (
        "Acceptance, {b} points and a measuring basis of {mrv}: {percent} % of the runs; measuring basis {found}",
        "验收（{b}分且监测核算基础不低于{mrv}）：{percent}% 的模拟；监测核算基础 {found}",
    ),
    "near_zero_overall": (
        "Near-zero, accepted and the definition holds: {percent} % of the runs",
        "近零碳（通过验收且符合定义）：{percent}% 的模拟",
    ),
    "scoring_note": (
        "The programme names the three tracks and no scoring table: parts, weights and marks are assumptions of the"
        " model.",
        "方案仅列出三方面任务，未公布评分表：评分项、权重与分数线均为模型假设。",
    ),
    "figure_limit": ("limit {value}", "限值 {value}"),
    "year": ("year", "年份"),
    "title": ("Park tests", "园区评估"),
    # portfolios
    "park": ("park", "园区"),
    "zero_short": ("level *", "零碳水平 *"),
    "readings": ("readings kept", "达标口径数"),
    "entry": ("entry", "申报条件"),
    "near_short": ("near-zero score", "近零碳得分"),
    "grade_short": ("grade", "等级"),
    "trend_short": ("definition holds, %", "符合定义%"),
    "accepted_short": ("accepted, %", "通过验收%"),
}  # fmt: skip


class ParkWords:
    """The words of the park tests in the language of ``Words``."""

    def __init__(self, words: Words):
        self.words = words
        self.is_chinese = words.is_chinese

    def __call__(self, key: str, **parts: object) -> str:
        if parts.get("n") == 1 and f"{key}_1" in _WORDS:
            key = f"{key}_1"
        return _WORDS[key][self.is_chinese].format(**parts)

    def of(self, row: object, stem: str = "name") -> str:
        """Return ``stem_en`` or ``stem_zh`` of a row of a table."""
        return str(getattr(row, f"{stem}_{'zh' if self.is_chinese else 'en'}"))
