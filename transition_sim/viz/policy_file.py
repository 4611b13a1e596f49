"""A policy as a file, down and up: what is written runs with ``run --policy``, and comes back the same."""

from typing import Any

import yaml

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios.extensions import known_levers
from transition_sim.scenarios.library import list_policies
from transition_sim.scenarios.loader import MAX_BYTES, parse_document
from transition_sim.scenarios.scenario import load_scenario
from transition_sim.scenarios.spec import Schedule
from transition_sim.viz.draft import Draft, from_levers, preset_scenario

NAME = "my_policy"
UPLOAD = "upload"
"""Name of an upload in faults; no file name, so that a base is never looked for beside it."""

LONGEST = 40
UNREAD = "\N{REPLACEMENT CHARACTER}".encode()
"""What a browser puts for bytes that are not UTF-8, as of a file saved in GBK: no name is taken from such a file."""


def policy_text(draft: Draft) -> str:
    """Return a policy file: the preset as its base, and the levers that were moved."""
    return yaml.safe_dump(policy_content(draft), allow_unicode=True, sort_keys=False, width=120)


def policy_content(draft: Draft) -> dict[str, Any]:
    """Return what a policy file holds, as plain data."""
    scenario = draft.scenario()
    levers: dict[str, Any] = {}
    for key, _ in draft.moves:
        setting = scenario.levers.get(key, known_levers()[key].neutral)
        levers[key] = _plain(setting, key)
    content: dict[str, Any] = {
        "format": "policy/1",
        "id": NAME,
        "name": {"en": "My policy", "zh": "我的政策"},
        "description": {
            "en": f"Made in the browser for {draft.place}, starting from {draft.preset}.",
            "zh": f"在浏览器中为 {draft.place} 编制，起始政策 {draft.preset}。",
        },
    }
    if draft.preset != "none":
        content["base"] = draft.preset
    return content | {"levers": levers}


def _plain(setting: float | Schedule, key: str) -> Any:
    if isinstance(setting, Schedule):
        return setting.model_dump(mode="json")
    return bool(setting) if known_levers()[key].kind == "switch" else setting


def read_policy(data: bytes, place: str) -> tuple[Draft, dict[str, str]]:
    """Return the draft of an uploaded policy and its name in both languages.

    Raises
    ------
    ScenarioError
        With every fault of the file.
    """
    if len(data) > MAX_BYTES:
        raise ScenarioError([_fault("the file is larger than 256 kB", "Upload a policy file.")])
    if UNREAD in data:
        raise ScenarioError([_fault("some signs could not be read: they are not UTF-8", "Save the file as UTF-8.")])
    document = parse_document(data, UPLOAD)
    if document.data.get("format") != "policy/1":
        remedy = "The first line of a policy is 'format: policy/1'."
        raise ScenarioError([_fault("it is not a policy", remedy, str(document.data.get("format", ""))[:LONGEST])])
    scenario = load_scenario(place, policy=document)
    base = document.data.get("base", "none")
    preset = base if base in list_policies() else "none"
    preset_scenario(place, preset)
    name = document.data.get("name")
    names = {k: str(name.get(k, "")) for k in ("en", "zh")} if isinstance(name, dict) else {"en": "", "zh": ""}
    return from_levers(place, preset, scenario.levers), names


def _fault(rule: str, remedy: str, value: str = "") -> Fault:
    return Fault(UPLOAD, None, "file", value, rule, remedy)
