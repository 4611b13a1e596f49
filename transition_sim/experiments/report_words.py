"""Words of the report in English and Chinese."""

WORDS = {
    "abstract": ("What was asked", "研究问题"),
    "assumptions": ("Assumptions and how sure they are", "假设与可信度"),
    "cite": ("How to cite", "引用方式"),
    "cite_text": (
        "transition_sim, version {version}, Apache-2.0. Study {id}, hash {hash}, model {model}, data {data}.",
        "transition_sim，版本 {version}，Apache-2.0 许可。研究 {id}，哈希 {hash}，模型 {model}，数据 {data}。",
    ),
    "confidence": ("confidence", "置信度"),
    "design": ("design", "实验设计"),
    "environment": ("Environment", "运行环境"),
    "factor": ("varied", "变动因素"),
    "factors": ("What was varied", "变动因素"),
    "failed": ("{n} runs did not come to their end; they are left out of every figure.", "{n} 次模拟未完成，已剔除。"),
    "figures_english": ("", "图中文字为英文。"),
    "findings": ("Findings", "结果"),
    "first_failures": ("First errors", "首批错误"),
    "grade": ("grade", "来源级别"),
    "grades": (
        "D: from the planning documents; S: from a public page; K: expert knowledge, not verified; A: assumption.",
        "D：规划文件；S：公开网页；K：专家知识，未核实；A：建模假设。",
    ),
    "kind": ("kind", "类型"),
    "limits": ("Limits", "局限"),
    "low_confidence": (
        "{percent} % of the model's {n} parameters are assumptions, expert knowledge or of low confidence. Read "
        "directions, orders and differences between policies; do not read single figures as forecasts.",
        "模型 {n} 个参数中 {percent}% 为假设、专家判断或低置信度。请解读方向、排序和政策间差异，勿将单一数值视为预测。",
    ),
    "more_rows": ("{n} more rows in analyses/{name}.csv", "其余 {n} 行见 analyses/{name}.csv"),
    "not_possible": ("not possible: {why}", "无法进行：{why}"),
    "parameters_by_grade": ("Parameters of the model by grade", "模型参数按来源级别"),
    "place_by_confidence": ("Figures of {place} by confidence", "{place} 数据按置信度"),
    "range": ("range or values", "范围或取值"),
    "reproduce": ("How to do it again", "复现方法"),
    "reproduce_text": (
        "Save the study below as study.yaml, install transition_sim {version} with its constraints.txt, and run:",
        "将下方内容保存为 study.yaml，按 constraints.txt 安装 transition_sim {version}，然后运行：",
    ),
    "runs": ("runs", "模拟次数"),
    "seeds": ("seeds", "随机种子"),
    "seeds_text": (
        "{first} to {last}: the same at every point and under every policy, so that luck cancels out of differences",
        "{first} 至 {last}：各方案、各点相同，差值中随机性相互抵消",
    ),
    "settings": ("Settings", "设置"),
    "unit": ("unit", "单位"),
    "value": ("value", "取值"),
    "years": ("years", "年份"),
}

LIMITS = (
    ("The model is a laboratory: directions, orders, rough sizes and conditions, never a point forecast.",
     "本模型是实验室而非预测工具：可用于判断方向、排序、量级和条件，不可作单点预测。"),
    ("No general equilibrium, labour market or migration; national prices and technology costs are given from outside.",
     "不含一般均衡、劳动力市场和人口迁移；全国价格与技术成本为外生。"),
    ("Enterprises are synthetic; named ones are illustrative. City statistics leave gaps that assumptions fill.",
     "企业为合成数据，具名企业仅作示意；城市统计缺口由假设填补。"),
    ("Gases other than CO₂, air quality and health are left out. Behavioural parameters come partly from elsewhere.",
     "不模拟非二氧化碳气体、空气质量与健康；部分行为参数来自其他地区。"),
    ("Intervals show the luck of seeds and the ranges that were varied, not errors of the model itself.",
     "区间反映随机性与所变动的范围，不反映模型自身误差。"),
)  # fmt: skip
