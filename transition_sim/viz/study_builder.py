"""A study of one's own as the page shows it: choices, ranges with their units, faults, the file."""

from collections.abc import Iterable
from typing import Any

from transition_sim.core.errors import Fault
from transition_sim.measures import MEASURES
from transition_sim.scenarios import registry
from transition_sim.scenarios.clauses import submodels
from transition_sim.scenarios.extensions import known_levers
from transition_sim.scenarios.lever_limits import beyond
from transition_sim.scenarios.words.faults import FAULTS
from transition_sim.viz.draft import Draft, default_start_year, preset_scenario
from transition_sim.viz.lever_panel import idle_reasons, lever_row, panel_groups, value_text
from transition_sim.viz.own_study import FILE, MOST_VARIED, RECIPES, OwnStudy, Varied, is_same, study_text
from transition_sim.viz.words import Words


def builder(
    own: OwnStudy, draft: Draft, baseline: Draft, content: dict[str, Any], faults: Iterable[Fault], words: Words
) -> dict[str, Any]:
    """Return what the widget shows of a study of one's own."""
    idle = idle_reasons(preset_scenario(draft.place, draft.preset).place)
    recipe = RECIPES[own.recipe]
    scenario = preset_scenario(draft.place, draft.preset)
    there = {item.key for item in own.varied}
    unmoved = [key for key in draft.by_key if key not in there]
    size_word = {"": None, "levels": "own_size_levels"}.get(recipe.size, f"own_size_{recipe.id}")
    return {
        "recipe": recipe.id,
        "recipes": [{"id": id, "name": words(f"own_recipe_{id}")} for id in RECIPES],
        "about": words(
            "own_same" if recipe.id == "pair" and is_same(draft, baseline) else f"own_recipe_{recipe.id}_about"
        ),
        "varies": recipe.id != "pair",
        "sizes": list(recipe.sizes),
        "size": own.size_used,
        "size_name": words(size_word) if size_word else "",
        "from_year": own.from_year or default_start_year(scenario),
        "first": scenario.clock.start_year,
        "last": scenario.clock.end_year,
        "measure": own.measure,
        "measures": [{"id": m.key, "name": f"{words.name(m)} · {words.result_unit(m.unit)}"} for m in MEASURES],
        "rows": [varied_row(item, words, idle) for item in own.varied],
        "adders": adders(draft, there, words) if len(there) < MOST_VARIED else [],
        "n_moved": len(unmoved),
        "add_moved": words("own_add_moved", n=len(unmoved)),
        "faults": [fault_line(fault, words) for fault in faults],
        "text": study_text(content),
        "file": FILE,
    }


def varied_row(item: Varied, words: Words, idle: dict[str, str]) -> dict[str, Any]:
    """Return a row of the table of what is varied; ends in the unit of the table, ``per_unit`` of what is shown."""
    found: dict[str, Any] = {"key": item.key, "low": item.low, "high": item.high}
    if item.is_lever:
        lever = lever_row(known_levers()[item.key], words)
        limits = [
            value_text(known_levers()[item.key], limit, words) for _, _, limit in beyond({item.key: item.high}, {})
        ]
        note = words(idle[item.key]) if item.key in idle else words("lever_limit", value=limits[0]) if limits else ""
        is_switch = lever["kind"] == "switch"
        return found | {
            "name": lever["name"], "unit": "" if is_switch else lever["unit"], "per_unit": lever["per_unit"],
            "is_switch": is_switch, "note": note,
        }  # fmt: skip
    row = registry.parameters()[item.key]
    sure = f"{words('confidence')}{words('colon')}{words(f'confidence_{row.confidence}')}"
    note = f"{words(f'grade_{row.grade}')} · {sure}"
    return found | {
        "name": words.of(row), "unit": words.unit(row.unit), "per_unit": 1.0, "is_switch": False, "note": note,
    }  # fmt: skip


def adders(draft: Draft, there: Iterable[str], words: Words) -> list[dict[str, Any]]:
    """Return what can be varied and is not yet: levers by who may pull them, parameters by submodel."""
    taken = set(there)
    levers = [
        {"name": f"{group['title']} · {theme['title']}", "options": _options(theme["levers"], taken)}
        for group in panel_groups(preset_scenario(draft.place, draft.preset), words)
        for theme in group["themes"]
    ]
    found: dict[str, list[dict[str, str]]] = {}
    for row in registry.parameters().values():
        if row.low < row.high:
            found.setdefault(row.submodel, []).append({"key": row.key, "name": words.of(row)})
    titles = submodels()
    parameters = [
        {"name": f"{id} {words.of(titles[id])}", "options": _options(found[id], taken)} for id in sorted(found)
    ]
    return [
        {"id": "levers", "name": words("own_add_lever"), "groups": [g for g in levers if g["options"]]},
        {"id": "parameters", "name": words("own_add_parameter"), "groups": [g for g in parameters if g["options"]]},
    ]


def _options(rows: Iterable[dict[str, Any]], taken: set[str]) -> list[dict[str, str]]:
    return [{"id": row["key"], "name": row["name"]} for row in rows if row["key"] not in taken]


def fault_line(fault: Fault, words: Words) -> str:
    """Return what is wrong with a study and how to mend it; names stand for keys where there are any."""
    said = FAULTS.in_chinese if words.is_chinese else str
    rule = f"{said(fault.rule)}{words('full_stop')}{said(fault.remedy)}"
    key = fault.field.split(".")[1] if "." in fault.field else ""
    row: Any = known_levers().get(key) or registry.parameters().get(key)
    field = words.of(row) if row is not None else fault.field
    if not fault.value:
        return f"{field}{words('colon')}{rule}"
    return words("own_fault", field=field, value=fault.value, rule=rule)
