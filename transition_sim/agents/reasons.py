"""Answers to "why": the decision log of an enterprise in sentences, English or Chinese."""

from typing import TYPE_CHECKING, Any

import numpy as np

from transition_sim.world.state import OUTCOMES, TRIGGERS

if TYPE_CHECKING:
    from transition_sim.world.world import World

FORCED = 99

TRIGGER_WORDS = {
    "base": ("its regular review", "例行检视"),
    "age": ("ageing equipment", "设备老化"),
    "cost": ("a change of energy costs", "用能成本变化"),
    "audit": ("an energy audit", "能源审计"),
    "policy": ("attention to policy", "政策关注"),
    "peers": ("what its peers did", "同行示范"),
    "buyers": ("pressure of its buyers", "买方要求"),
    "anticipation": ("an announced end of support", "补贴退坡预期"),
    "forced": ("necessity: equipment gone, too small or told to go", "必须更新：设备报废、容量不足或限期淘汰"),
}
OUTCOME_WORDS = {
    "kept": ("kept what it has", "维持现状"),
    "ordered": ("ordered", "下单"),
    "ordered_without_subsidy": ("ordered, although no subsidy was left", "下单（未获补贴）"),
    "no_subsidy_kept": ("waited, because no subsidy was left", "补贴排队未果，暂缓"),
    "refused_debt_service": ("was refused: earnings do not carry the debt service", "被拒贷：偿债能力不足"),
    "refused_collateral": ("was refused: not enough collateral", "被拒贷：抵押不足"),
    "refused_own_funds": ("was refused: not enough own funds", "被拒贷：自有资金不足"),
    "rationed": ("was rationed: the bank had no capacity left", "信贷配给：银行额度用尽"),
    "no_permit": ("could not: no capacity permit", "受限：无产能指标"),
    "no_access": ("was put on the waiting list of the project review", "受限：项目准入待批"),
    "forced_closure": ("had to close it", "被迫关停"),
    "ordered_by_contract": (
        "signed a contract: an energy service company pays for it and takes a share of the savings",
        "签订合同能源管理：由节能服务公司出资并分享节能收益",
    ),
}
_SENTENCE = (
    "{when}: {service}, because of {trigger}. Options: {options}. It preferred {chosen} and {outcome}{would}.",
    "{when}：{service}，触发原因：{trigger}。可选方案：{options}。倾向于{chosen}，结果：{outcome}{would}。",
)
_WOULD = (
    "; {runner} would have tied had its levelised cost been {percent:.0f} % lower",
    "；若{runner}的平准化成本再低{percent:.0f}%，则两者相当",
)
_KEEP = ("keeping", "维持现状")


def _name(world: "World", kind: str, index: int, zh: int) -> str:
    return _KEEP[zh] if index < 0 else world.labels[f"{kind}_names"][zh][index]


def decision_rows(world: "World", row: int) -> list[tuple[np.void, np.ndarray]]:
    """Return the (decision, options seen) of one enterprise, oldest first."""
    found = []
    for decisions, options in zip(world.recorder.decisions, world.recorder.options, strict=True):
        last = np.cumsum(decisions["n_options"])
        for k in np.flatnonzero(decisions["enterprise"] == row):
            found.append((decisions[k], options[last[k] - decisions["n_options"][k] : last[k]]))
    return found


def describe(world: "World", decision: np.void, options: np.ndarray, language: str = "en") -> str:
    """Return one decision as a sentence with the levelised cost and probability of every option."""
    zh = int(language == "zh")
    unit = world.labels["service_units"][decision["service"]]
    seen = "; ".join(
        f"{_name(world, 'technology', int(o['technology']), zh)} "
        f"{o['levelised_cost_cny_per_unit']:.1f} CNY/{unit} (p {o['probability']:.2f})"
        for o in options
    )
    trigger = "forced" if decision["trigger"] == FORCED else TRIGGERS[decision["trigger"]]
    words: dict[str, Any] = {
        "when": world.clock.label(int(decision["quarter"])),
        "service": _name(world, "service", int(decision["service"]), zh),
        "trigger": TRIGGER_WORDS[trigger][zh],
        "options": seen,
        "chosen": _name(world, "technology", int(decision["chosen"]), zh),
        "outcome": OUTCOME_WORDS[OUTCOMES[decision["outcome"]]][zh],
        "would": "",
    }
    if decision["n_options"] > 1 and np.isfinite(decision["switch_capex_share"]):
        runner = _name(world, "technology", int(decision["runner_up"]), zh)
        words["would"] = _WOULD[zh].format(runner=runner, percent=100 * max(0.0, decision["switch_capex_share"]))
    return _SENTENCE[zh].format(**words)


def explain(world: "World", row: int, language: str = "en") -> list[str]:
    """Return all decisions of one enterprise as sentences, oldest first.

    Raises
    ------
    ValueError
        When the run kept no decisions.
    """
    if not world.recorder.keep_decisions:
        raise ValueError("this run kept no decisions: run it with keep_decisions=True")
    return [describe(world, decision, options, language) for decision, options in decision_rows(world, row)]
