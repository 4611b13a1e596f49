"""The log of a visit: what each step changed, in words, and the way back to it."""

from itertools import pairwise
from typing import Any

from transition_sim.scenarios.extensions import known_levers
from transition_sim.viz.draft import Draft, History, final_value
from transition_sim.viz.lever_panel import value_text
from transition_sim.viz.outside import preset_name, shock_name
from transition_sim.viz.words import Words


def log_rows(history: History, words: Words) -> list[dict[str, Any]]:
    """Return the steps of a visit, first to last, those that were undone among them; empty before the first one.

    Returns
    -------
    list of dict
        ``text``: what the step changed; ``is_now``: whether it is the one that is looked at.
    """
    drafts = history.drafts()
    if len(drafts) == 1:
        return []
    texts = [words("log_start", policy=preset_name(drafts[0], words))]
    texts += [change_text(before, after, words) for before, after in pairwise(drafts)]
    return [{"text": text, "is_now": k == len(history.past)} for k, text in enumerate(texts)]


def change_text(before: Draft, after: Draft, words: Words) -> str:
    """Return what differs between two drafts that follow each other."""
    if before.preset != after.preset:
        return words("log_preset", policy=preset_name(after, words))
    if before.shock != after.shock:
        return words("log_shock", shock=shock_name(after.shock, words))
    old, new = before.by_key, after.by_key
    changed = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
    if len(changed) != 1:
        return words("log_reset") if not new else words("log_many", n=len(changed))
    lever = known_levers()[changed[0]]
    if lever.key not in new:
        return words("log_back", lever=words.of(lever))
    move = new[lever.key]
    was, now = (value_text(lever, final_value(draft.scenario(), lever.key), words) for draft in (before, after))
    if move.setting is not None:
        return words("log_set", lever=words.of(lever), was=was, now=now)
    key = "log_ramp" if move.full_year > move.start_year else "log_jump"
    return words(key, lever=words.of(lever), was=was, now=now, start=move.start_year, full=move.full_year)
