"""Words of the annual evaluation report in English and Chinese."""

from transition_sim.scenarios.words.units import unit_word

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Annual evaluation {year}: {place}", "{place}{year}年度评估报告"),
    "lead": (
        "Written by the model from the run with seed {seed} under the policy {policy}; shocks: {shocks}. A simulated "
        "government sees these figures about two quarters after the year. Enterprises are synthetic, named ones "
        "illustrative; nothing here is an official assessment.",
        "由模型根据模拟结果自动生成（随机种子{seed}，政策情景{policy}，外部冲击：{shocks}）。模拟中的政府约在年度结束两个季度后"
        "看到这些数字。企业为合成样本，具名企业仅作示意；本报告不是官方评估。",
    ),
    "green_budget": ("green budget", "绿色预算"),
    "none": ("none", "无"),
    "progress": ("1. Progress", "一、进展与成效"),
    "score": ("Score {score} of 1.2 at most: {verdict}.", "考核得分{score}（满分1.2）：{verdict}。"),
    "no_score": ("The plans set no target that this year can be held against.", "规划未设置可用于本年度考核的目标。"),
    "verdict_reward": ("rewarded", "予以表彰"),
    "verdict_usual": ("no consequence", "正常"),
    "verdict_notified": ("notified and criticised", "通报批评"),
    "verdict_account": ("accountability if it happens twice", "连续两年将问责"),
    "line_head": (
        "| indicator | value | asked | progress | delay, quarters |\n|---|---:|---:|---:|---:|",
        "| 指标 | 实际值 | 目标线 | 完成度 | 滞后季度 |\n|---|---:|---:|---:|---:|",
    ),
    "figures": (
        "CO₂ (dual control) {co2} Mt, {co2_change} % against {before}; GDP {gdp} bn CNY, {gdp_change} %; {orders} "
        "investments ordered, {capex} M CNY of equipment, {subsidy} M CNY of subsidies.",
        "双控口径排放{co2}万吨，较{before}年{co2_change}%；地区生产总值{gdp}亿元，{gdp_change}%；下单投资{orders}项，"
        "设备投资{capex}亿元，补贴{subsidy}亿元。",
    ),
    "cases": ("2. Good cases", "二、典型案例"),
    "case": (
        "- **{name}** ({sector}): emissions per output {change} % against {base}, equipment for {capex} M CNY so far.",
        "- **{name}**（{sector}）：单位产值排放较{base}年{change}%，累计设备投资{capex}万元。",
    ),
    "measure": (
        "- Measure **{name}**: used by {share} % of those that could, {gain} points more than a year ago.",
        "- 措施**{name}**：采用率{share}%，比上年提高{gain}个百分点。",
    ),
    "no_cases": (
        "- No enterprise has invested and lowered its emissions per output.",
        "- 尚无企业通过投资降低单位产值排放。",
    ),
    "problems": ("3. Problems", "三、问题与挑战"),
    "flag_head": (
        "| problem | found | measured | limit |\n|---|---|---:|---:|",
        "| 问题 | 是否存在 | 测算值 | 阈值 |\n|---|---|---:|---:|",
    ),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "unknown": ("not known", "无数据"),
    "slow_progress": ("Slow progress: delay of the slowest target, quarters", "建设进度缓慢：最慢指标滞后季度数"),
    "unclear_path": (
        "Unclear path: evenness of the instrument mix, and no milestone met",
        "建设路径不清晰：政策工具分散度且无达标指标",
    ),
    "single_model": ("Single model: concentration of measures", "建设模式单一：措施集中度"),
    "few_highlights": ("Few highlights: best replicability of a measure", "亮点不足：单项措施最高可复制性"),
    "funding_gap": ("Funding gap: wanted investment that banks refused", "资金缺口大：被银行拒绝的意愿投资占比"),
    "weak_capability": ("Weak management: mean capability", "基础管理能力不足：平均管理能力"),
    "suggestions": ("4. Suggestions", "四、建议"),
    "advise_slow_progress": (
        "- Put what lags most first: {slowest}. Levers that answer it: {levers}.",
        "- 优先补齐最滞后的指标：{slowest}。可用政策工具：{levers}。",
    ),
    "advise_unclear_path": (
        "- Choose an entry point: concentrate on few instruments instead of a little of each.",
        "- 明确切入点和着力点，集中少数政策工具，避免平均用力。",
    ),
    "advise_single_model": (
        "- Open a second way beside {measure}: explore by category of enterprises.",
        "- 在“{measure}”之外开辟第二条路径，分类探索。",
    ),
    "advise_few_highlights": (
        "- Carry measures from the county that began to the others: pilots, cooperation, platforms.",
        "- 将先行区县的做法推广到其他区县：试点、区域协同、平台建设。",
    ),
    "advise_funding_gap": (
        "- Ease financing: guarantees, refinancing for green loans, energy service contracts.",
        "- 活跃低碳投融资：担保、绿色再贷款、合同能源管理。",
    ),
    "advise_weak_capability": (
        "- Strengthen statistics, metering and training before new projects.",
        "- 加强统计、计量和人员培训等基础能力建设。",
    ),
    "advise_nothing": ("- No problem was found; keep the pace.", "- 未发现突出问题，保持力度。"),
    "chronicle": ("5. Chronicle", "五、大事记"),
    "nothing": ("- Nothing was recorded.", "- 无记录。"),
    "happened": (
        "- {quarter}: {what} - {subject} ({amount} {unit})",
        "- {quarter}：{what} - {subject}（{amount} {unit}）",
    ),
    "happened_often": ("- {quarter}: {what}, {n} times", "- {quarter}：{what}，{n}次"),
}


def say(key: str, language: str, **values: object) -> str:
    """Return the words of a key in English (``en``) or Chinese (``zh``)."""
    return WORDS[key][language == "zh"].format(**values)


_AS_PLANS_STATE = {
    "share": (100.0, "%"),
    "tCO2/CNY": (1e4, "tCO2/10k CNY"),
    "tce/CNY": (1e4, "tce/10k CNY"),
    "score": (1.0, "points"),
    "slots": (1.0, "places of equipment"),
}
"""What a figure is multiplied by, and its unit then."""


def shown_unit(unit: str, language: str) -> tuple[float, str]:
    """Return what a figure is multiplied by, and the unit that a plan states it in."""
    scale, stated = _AS_PLANS_STATE.get(unit, (1.0, unit))
    return scale, unit_word(stated, language == "zh")
