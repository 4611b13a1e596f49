"""Words of the terminal in English and Chinese."""

import re
from enum import StrEnum
from typing import Any

from transition_sim.scenarios.words.units import plan_figure, plan_unit, unit_word


class Language(StrEnum):
    """Language of what is printed."""

    en = "en"
    zh = "zh"


_WORDS = {
    "adoption": ("Who uses what, % of the enterprises that could", "采用率（占可采用企业的百分比）"),
    "all_years": (
        "Public money and investment, {first}-{last}, M CNY (2020 prices)",
        "财政资金与投资（{first}-{last}年，亿元，2020年价）",
    ),
    "all_years_small": (
        "Public money and investment, {first}-{last}, M CNY (2020 prices)",
        "财政资金与投资（{first}-{last}年，万元，2020年价）",
    ),
    "own_settings": ("Set beside the policy: {keys}", "另行设置：{keys}"),
    "more_settings": (" and {n} more", " 等，另有 {n} 项"),
    "at_start": ("{year} or before", "{year}年或更早"),
    "base_range": (
        "Range that the sources of the place leave for CO₂ in {year}, territorial: {low}-{high} Mt",
        "按地区资料，{year}年地域排放的可能范围：{low}-{high} 万吨",
    ),
    "censored": ("could still move", "可能后移"),
    "co2_direct": ("Direct CO₂ of enterprises, Mt", "企业直接排放，万吨"),
    "co2_dual_control": ("CO₂, dual control, Mt", "双控口径排放，万吨"),
    "co2_per_gdp": ("CO₂ per GDP, dual control, t/10k CNY", "单位GDP排放（双控口径），吨/万元"),
    "co2_territorial": ("CO₂, territorial, Mt", "地域口径排放，万吨"),
    "confirmed": ("confirmed", "已确认"),
    "defaults": ("{n} enterprises went out of business.", "{n} 家企业违约退出。"),
    "defaults_1": ("1 enterprise went out of business.", "1 家企业违约退出。"),
    "highest_dual_control": (
        "Highest single year, dual control: {year}, {value} Mt. The peak year goes by means of three years.",
        "双控口径单年最高：{year}年，{value} 万吨；达峰年份按三年滑动平均判定。",
    ),
    "highest_territorial": (
        "Highest single year, territorial: {year}, {value} Mt. The peak year goes by means of three years.",
        "地域口径单年最高：{year}年，{value} 万吨；达峰年份按三年滑动平均判定。",
    ),
    "dual_control": ("Dual control: energy used, net of power trade", "双控口径：能源消费，含净调入电力"),
    "energy": ("Energy use, Mtce", "能源消费（等价值），万吨标准煤"),
    "enterprises": ("{n} enterprises", "{n} 家企业"),
    "enterprises_1": ("1 enterprise", "1 家企业"),
    "fiscal": ("Public money", "财政资金"),
    "fiscal_income": ("surcharges and carbon income", "差别电价与碳价收入"),
    "fiscal_interest_subsidies": ("interest subsidies", "贴息"),
    "fiscal_net_cost": ("net cost", "净成本"),
    "fiscal_other_support": ("storage, demand response, other support", "储能、需求响应等支出"),
    "fiscal_paid": ("paid in all", "支出合计"),
    "fiscal_subsidies": ("capital subsidies", "投资补贴"),
    "fiscal_tax_credits": ("tax credits", "税收抵免"),
    "gdp": ("GDP, bn CNY (2020 prices)", "地区生产总值（2020年价），亿元"),
    "investment": ("Who paid for the equipment", "设备投资由谁承担"),
    "investment_large": ("large enterprises", "大型企业"),
    "investment_medium": ("medium enterprises", "中型企业"),
    "investment_own": ("own money and loans", "自有与信贷资金"),
    "investment_services": ("energy service companies", "节能服务公司"),
    "investment_small": ("small enterprises", "小型企业"),
    "investment_subsidy": ("subsidies received", "获得补贴"),
    "kind": ("shape", "形态"),
    "kind_plateau": ("plateau", "平台"),
    "kind_rising": ("still rising", "仍在上升"),
    "kind_sharp": ("sharp", "尖峰"),
    "low_confidence": (
        "{percent} % of the model's parameters are assumptions, expert knowledge or of low confidence: trust"
        " differences between policies and directions before single figures.",
        "模型参数中 {percent}% 为假设、专家判断或低置信度：请优先采信政策间差异与方向，而非单一数值。",
    ),
    "member": ("member", "成员"),
    "members": ("Members, each a place of its own", "成员（各自独立的地区）"),
    "output_bn": ("output {year}, bn CNY", "{year}年产值，亿元"),
    "co2_kt": ("CO₂ {year}, kt", "{year}年排放，万吨"),
    "copied": (
        "{n} times a member took over a practice from another; it worked in {share} of the copies old enough to tell.",
        "成员之间共复制经验 {n} 次；已满评估期的复制中，{share} 取得成功。",
    ),
    "copied_early": (
        "{n} times a member took over a practice from another; no copy is old enough to tell whether it works.",
        "成员之间共复制经验 {n} 次；均未满评估期，尚无法判断成败。",
    ),
    "more_technologies": ("{n} more technologies: --verbose", "另有 {n} 项技术：--verbose"),
    "more_technologies_1": ("1 more technology: --verbose", "另有 1 项技术：--verbose"),
    "more_rows": ("... {n} more rows in the file", "……文件中另有 {n} 行"),
    "no": ("no", "否"),
    "no_adoption": ("Nobody uses any green technology.", "无企业采用绿色技术。"),
    "old_heat": ("Industrial heat from equipment of the base year, %", "基年设备在工业用热中的占比，%"),
    "nonfossil": ("Non-fossil share of energy, %", "非化石能源占比，%"),
    "not_written": (
        "Nothing was written; --out DIR keeps tables, figure and decisions.",
        "未写入文件；使用 --out 目录 可保存表格、图和决策记录。",
    ),
    "peak": ("Carbon peak", "碳达峰"),
    "plateau": ("plateau (98 % of the top)", "平台期（峰值98%以上）"),
    "plateau_year": ("{first}, 1 year", "{first}，1 年"),
    "plateau_years": ("{first}-{last}, {n} years", "{first}-{last}，{n} 年"),
    "seed": ("seed {n}", "随机种子 {n}"),
    "served": ("{address}  (Ctrl-C ends it)", "{address}  （按 Ctrl-C 结束）"),
    "served_until": ("The laboratory is closed.", "实验室已关闭。"),
    "shocks": ("with {names}", "外部冲击：{names}"),
    "took": ("{s} s", "{s} 秒"),
    "territorial": ("Territorial: burnt here, power plants included", "地域口径：本地排放，含电厂"),
    "technology": ("technology", "技术"),
    "value": ("Mt, 3-yr mean", "三年均值，万吨"),
    "value_short": ("Mt", "万吨"),
    "warnings": ("Worth knowing", "请注意"),
    "written": ("Results in {folder}", "结果已写入 {folder}"),
    "year": ("year", "年份"),
    "peak_year": ("peak year", "达峰年份"),
    "yes": ("yes", "是"),
    # beside the results
    "broken_extension": (
        "The run stopped, and nothing was written. Its package must mend it; without it the scenario runs.",
        "模拟已中止，未写入任何文件。该问题需由扩展包修复；去掉该扩展后情景可以运行。",
    ),
    "broken_identity": (
        "The run stopped, as no figure after a broken identity can be trusted. Nothing was written.\n"
        "This is a fault of the model, not of your input: please report it with the command.",
        "账目恒等式不成立，其后的数字均不可信，模拟已中止，未写入任何文件。\n"
        "这是模型的问题，与您的输入无关：请连同命令一并反馈。",
    ),
    "compiling": (
        "Compiling the rules of the model (first run of this version only, a minute or two) ...",
        "正在编译模型规则（仅本版本首次运行时进行，约一两分钟）……",
    ),
    "faults": ("{n} faults. Nothing was run or written.", "共 {n} 处错误，未运行，未写入任何文件。"),
    "faults_1": ("1 fault. Nothing was run or written.", "共 1 处错误，未运行，未写入任何文件。"),
    "interrupted": ("Interrupted. Nothing was written.", "已中断，未写入任何文件。"),
    "none_found": ("None of the {name} contains '{text}'.", "“{text}”不见于{name}列表。"),
    "not_for_sale": ("not sold", "已停售"),
    "failure": ("{file}: {why}", "{file}：{why}"),
    "some_file": ("file", "文件"),
    "in_order": ("{file}: in order", "{file}：无误"),
    "worker_ended": (
        "A worker process was ended from outside, mostly for lack of memory. Try --workers 1.",
        "工作进程被外部终止，多因内存不足。请尝试 --workers 1。",
    ),
    # help and mistakes in what was typed
    "help_arguments": ("Arguments", "参数"),
    "help_commands": ("Commands", "命令"),
    "help_default": (" [default: {value}]", " [默认：{value}]"),
    "help_error": ("Error: {text}", "错误：{text}"),
    "help_examples": ("Examples", "示例"),
    "help_options": ("Options", "选项"),
    "help_required": (" [required]", " [必填]"),
    "help_some_command": ("COMMAND [ARGS]...", "命令 [参数]..."),
    "help_some_options": ("[OPTIONS]", "[选项]"),
    "help_try": ("Try '{path} --help' for help.", "运行“{path} --help”查看帮助。"),
    "help_usage": ("Usage: {line}", "用法：{line}"),
    "help_value": ("VALUE", "取值"),
    # studies
    "batch": ("{what}: {done} of {total} done", "{what}：已完成 {done} / {total}"),
    "batch_fresh_seeds": ("fresh seeds", "全新随机种子"),
    "batch_generation": ("generation", "代"),
    "batch_last_sample": ("last sample", "最后一批样本"),
    "batch_wave": ("wave", "轮次"),
    "calibration_size": (
        "{runs} runs in {n} waves and a last sample.", "共 {runs} 次模拟：{n} 轮，另加最后一批样本。"
    ),
    "calibration_size_1": (
        "{runs} runs in {n} wave and a last sample.", "共 {runs} 次模拟：{n} 轮，另加最后一批样本。"
    ),
    "cost": (
        "{seconds} s a run (measured): about {time} with {n} workers, {size} on disk.",
        "每次模拟 {seconds} 秒（实测）：{n} 个工作进程约需 {time}，占用磁盘 {size}。",
    ),
    "cost_1": (
        "{seconds} s a run (measured): about {time} with {n} worker, {size} on disk.",
        "每次模拟 {seconds} 秒（实测）：{n} 个工作进程约需 {time}，占用磁盘 {size}。",
    ),
    "damaged": (
        "  {n} damaged shards; resume does their runs again", "  {n} 个数据分片损坏；resume 将重做其中的模拟"
    ),
    "hours": ("{time} h", "{time} 小时"),
    "minutes": ("{time} min", "{time} 分钟"),
    "once_mended": (
        "Once mended: transition-sim study retry-failed {folder}",
        "排除问题后请运行：transition-sim study retry-failed {folder}",
    ),
    "pace": ("{rate}/s, {time} left", "每秒 {rate} 次，剩余 {time}"),
    "pace_failed": ("{pace}, {failed} failed", "{pace}，{failed} 次出错"),
    "run_differs": (
        "{folder}: run {run} gives other numbers than it did.", "{folder}：第 {run} 号模拟重做后结果与原先不同。"
    ),
    "run_error": ("  run {run}: {status}: {error}", "  第 {run} 号模拟：{status}：{error}"),
    "search_size": (
        "{runs} runs of the search, then up to {fresh} on fresh seeds.",
        "搜索共 {runs} 次模拟，随后最多 {fresh} 次使用全新随机种子。",
    ),
    "seconds": ("{time} s", "{time} 秒"),
    "shard_damaged": (
        "{folder}: shard {name} is damaged; 'transition-sim study resume {folder}' does its runs again.",
        "{folder}：数据分片 {name} 损坏；运行“transition-sim study resume {folder}”可重做其中的模拟。",
    ),
    "sound": (
        "All shards are whole; {n} runs done again gave the same bits.",
        "数据分片全部完整；重做的 {n} 次模拟结果逐位一致。",
    ),
    "starting": ("starting workers ...", "正在启动工作进程……"),
    "state_done": ("done", "已完成"),
    "state_failed": ("failed", "出错"),
    "state_killed": ("killed", "被终止"),
    "state_pending": ("pending", "待运行"),
    "state_timed_out": ("timed out", "超时"),
    "stopped": (
        "Stopped. What was finished is kept; go on with: transition-sim study resume {folder}",
        "已停止，完成的部分予以保留；继续运行：transition-sim study resume {folder}",
    ),
    "study_ended": (
        "{done} runs done, {bad} failed. Results in {folder}", "完成 {done} 次模拟，{bad} 次出错。结果在 {folder}"
    ),
    "study_runs": ("{id}: {runs} runs", "{id}：共 {runs} 次模拟"),
    "study_size": (
        "{runs} runs: {contexts} x {points} points x {seeds} seeds, {years}.",
        "共 {runs} 次模拟：{contexts} 个情形 × {points} 个设计点 × {seeds} 个种子，{years}年。",
    ),
    "workers_fail": (
        "{why}: the machine lacks memory, or ends processes. Try --workers 1.",
        "{why}：本机内存不足，或进程被系统终止。请尝试 --workers 1。",
    ),
    # comparison
    "a": ("A: {name}", "A：{name}"),
    "b": ("B: {name}", "B：{name}"),
    "b_lower": ("B lower, % of seeds", "B较低（种子占比%）"),
    "difference": ("B - A", "B - A"),
    "interval": ("95 % interval", "95%区间"),
    "measure": ("measure", "指标"),
    "needed": ("runs for ±10 %", "±10%所需次数"),
    "pairs": (
        "{n} pairs of runs, seeds {first} to {last}, the same for A and B",
        "{n} 对模拟，种子 {first} 至 {last}，A、B 相同",
    ),
    "unit": ("unit", "单位"),
    "censored_note": (
        "In {percent} % of the runs the peak lies in the last years of the run: mean peak years are lower bounds.",
        "{percent}% 的模拟峰值位于末期：平均达峰年份为下限。",
    ),
}  # fmt: skip


_IN_CHINESE = {
    "all_years": 0.01, "all_years_small": 100.0, "base_range": 100.0,
    "co2_direct": 100.0, "co2_dual_control": 100.0, "co2_kt": 0.1,
    "co2_territorial": 100.0, "energy": 100.0, "gdp": 10.0, "output_bn": 10.0, "value": 100.0,
}  # fmt: skip
"""How many of the Chinese unit make one of the English: plans and statistics count in 万 (10^4) and 亿 (10^8)."""
_OF_TABLES = {
    "all": "全部",
    "carrier": "能源品种", "city": "市", "county": "县", "down": "下降", "end": "结束",
    "group": "技术组", "high": "高", "lever": "政策工具", "low": "低", "medium": "中", "month": "月",
    "multiplies": "相乘", "nation": "国家", "park": "园区", "portfolio": "组合", "province": "省",
    "quarter": "季度", "replaces": "取代", "sector": "行业", "start": "开始", "up": "上升",
}  # fmt: skip


class Words:
    """The words of one language: ``words("peak")``, ``words("seed", n=1)``."""

    def __init__(self, language: Language | str):
        self.is_chinese = Language(language) is Language.zh

    def __call__(self, key: str, **parts: object) -> str:
        if parts.get("n") == 1 and f"{key}_1" in _WORDS:
            key = f"{key}_1"
        return _WORDS[key][self.is_chinese].format(**parts)

    def shown(self, value: Any, key: str) -> Any:
        """Return a figure, or an array of them, in the unit that the words of ``key`` name."""
        return value * _IN_CHINESE.get(key, 1.0) if self.is_chinese else value

    def unit(self, unit: str) -> str:
        """Return a unit in the language; a count has none."""
        return unit_word(unit, self.is_chinese)

    def official(self, unit: str) -> tuple[str, float]:
        """Return the unit in which a result is shown, and how many of it make one of ``unit``."""
        if unit == "of runs":
            return ("模拟占比%" if self.is_chinese else "% of runs"), 100.0
        return plan_unit(unit, self.is_chinese), float(plan_figure(1.0, unit, self.is_chinese))

    def listed(self, word: str) -> str:
        """Return a word that tables use (``city``, ``low``, ``month``) in the language; others stay as they are."""
        return _OF_TABLES.get(word, word) if self.is_chinese else word

    def of(self, row: object, stem: str = "name") -> str:
        """Return ``name_en`` or ``name_zh`` of a row of the registry."""
        return getattr(row, f"{stem}_{'zh' if self.is_chinese else 'en'}")

    def name(self, names: object) -> str:
        """Return one of a pair of names: a mapping or an object with ``en`` and ``zh``."""
        key = "zh" if self.is_chinese else "en"
        return str(names[key] if isinstance(names, dict) else getattr(names, key))


# what a scenario warns of -> one line for all warnings of the kind, and the line of a single one in Chinese
_KINDS = (
    (
        re.compile(r"^levers\.(?P<key>[^:]+): set by (?P<who>.+); a (?P<kind>\w+) cannot pull it alone$"),
        (
            "{n} levers are set above this level of government: a {kind} cannot pull them alone",
            "{n} 项政策工具由上级政府决定，本级无法单独调整",
        ),
        "levers.{key}：由{who}决定，本级无法单独调整",
    ),
    (
        re.compile(r"^levers\.(?P<key>[^:]+): no rule of this version reads the lever; it changes nothing$"),
        ("{n} levers are read by no rule of this version: they change nothing", "{n} 项政策工具在本版本中不起作用"),
        "levers.{key}：本版本没有规则读取该工具，不起作用",
    ),
    (
        re.compile(
            r"^levers\.(?P<key>[^:]+): beyond (?P<limit>\S+) it has no further effect \(parameter (?P<who>\w+)\)$"
        ),
        (
            "{n} levers are set beyond the value at which their effect ends",
            "{n} 项政策工具的取值超过其效果上限",
        ),
        "levers.{key}：超过 {limit} 的部分不再起作用（参数 {who}）",
    ),
)  # fmt: skip


def group_warnings(warnings: tuple[str, ...], words: Words) -> list[tuple[str, list[str]]]:
    """Return the warnings as (one line a kind, the keys that it speaks of); a kind of one keeps its own words."""
    groups: dict[int, list[re.Match[str]]] = {}
    lines: list[tuple[str, list[str]]] = []
    for warning in warnings:
        for number, (pattern, _, _) in enumerate(_KINDS):
            if match := pattern.match(warning):
                groups.setdefault(number, []).append(match)
                break
        else:
            lines.append((warning, []))
    for number, matches in groups.items():
        if len(matches) == 1:
            lines.append((_single(number, matches[0]) if words.is_chinese else matches[0].string, []))
            continue
        line = _KINDS[number][1][words.is_chinese].format(n=len(matches), kind=matches[0].groupdict().get("kind"))
        lines.append((line, [match["key"] for match in matches]))
    return lines


def _single(number: int, match: re.Match[str]) -> str:
    """Return a warning that stands alone in Chinese."""
    parts = match.groupdict()
    who = "、".join(_OF_TABLES.get(level, level) for level in parts.get("who", "").split(", "))
    return _KINDS[number][2].format(**{**parts, "who": who})
