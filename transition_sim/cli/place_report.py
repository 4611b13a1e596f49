"""`places` and `places show NAME`: the list of places, and what is known of one, from where, and how sure."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from transition_sim.cli.listing import LISTINGS, command_of
from transition_sim.cli.options import Lang
from transition_sim.cli.place_facts import (
    CONFIDENCES,
    Fact,
    percent_by_confidence,
    place_facts,
    share_by_confidence,
)
from transition_sim.cli.terminal import output, reporting
from transition_sim.cli.words import Language, Words
from transition_sim.scenarios.words.places import of_a_place

if TYPE_CHECKING:
    from transition_sim.scenarios.spec import PlaceSpec

SHOW = "show"
_WORDS = {
    "totals": ("Totals of the base year {year}", "{year}年基年总量"),
    "units": ("Units", "区县与片区"),
    "sectors": ("Sectors of enterprises", "企业部门"),
    "anchors": ("Named enterprises (year of commissioning)", "点名企业（投产年份）"),
    "balance": ("Energy used by enterprises", "企业能源平衡"),
    "others": ("Energy of other sectors", "其他部门能源"),
    "power": ("Power in the place", "本地电力"),
    "province": ("Power of the province", "省级电力"),
    "public": ("Public money", "财政资金"),
    "what": ("", ""),
    "value": ("value", "数值"),
    "range": ("range", "区间"),
    "unit": ("unit", "单位"),
    "confidence": ("sure", "置信度"),
    "source": ("source", "来源"),
    "note": ("note", "备注"),
    "high": ("high", "高"),
    "medium": ("medium", "中"),
    "low": ("low", "低"),
    "city": ("city", "城市"),
    "county": ("county", "县域"),
    "park": ("park", "园区"),
    "portfolio": ("portfolio of places", "多地区组合"),
    "members": ("Members (node; enterprises)", "成员（电网节点；企业数）"),
    "how_sure": (
        "{n} figures: {high} % of high confidence, {medium} % medium, {low} % low.",
        "{n} 个数值：高置信度 {high}%，中 {medium}%，低 {low}%。",
    ),
    "how_sure_inside": (
        "Without the province, {n} figures: {high} % high, {medium} % medium, {low} % low.",
        "不含省级数据的 {n} 个数值：高 {high}%，中 {medium}%，低 {low}%。",
    ),
    "import_limit": ("Lines into the place, MW (assumption): {path}", "受电能力，兆瓦（假设）：{path}"),
    "a_source": ("{id} ({used}): {text}", "{name}（{id}，{used}）：{text}"),
    "sources": ("Sources, with the figures that rest on each", "来源及其支撑的数值个数"),
    "unused": ("facts of the text, no figure", "仅用于文字事实"),
}


def _word(words: Words, key: str, **parts: object) -> str:
    return _WORDS[key][words.is_chinese].format(**parts)


def place_parts(place: "PlaceSpec", words: Words) -> Iterator[RenderableType]:
    """Yield what is known of a place: head, figures by section, sources."""
    facts = place_facts(place, words)
    yield f"[bold]{escape(words.name(place.name))}[/bold] · {place.id} · {_word(words, place.kind)}"
    yield escape(words.name(place.description).strip())
    yield _how_sure("how_sure", facts, words)
    yield _how_sure("how_sure_inside", [fact for fact in facts if fact.section != "province"], words)
    for section in dict.fromkeys(fact.section for fact in facts):
        yield f"\n[bold]{_word(words, section, year=place.base_year)}[/bold]"
        yield _table([fact for fact in facts if fact.section == section], words)
        if section == "power":
            path = ", ".join(f"{year}: {limit:g}" for year, limit in place.power.import_limit)
            yield _word(words, "import_limit", path=path)
    yield f"\n[bold]{_word(words, 'sources')}[/bold]"
    used = Counter(fact.quantity.source for fact in facts)
    for key, text in place.sources.items():
        said = of_a_place(text, words.is_chinese)
        yield escape(_word(words, "a_source", id=key, used=used[key] or _word(words, "unused"), text=said,
                           name=of_a_place(key, words.is_chinese)))  # fmt: skip


def _how_sure(key: str, facts: list[Fact], words: Words) -> str:
    shares = {name: str(percent) for name, percent in percent_by_confidence(facts).items()}
    return _word(words, key, n=len(facts), **shares)


def _table(facts: list[Fact], words: Words) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for key in ("what", "value", "range", "unit", "confidence", "source", "note"):
        justify: Any = "right" if key in ("value", "range") else "left"
        table.add_column(
            _word(words, key), justify=justify, overflow="fold", no_wrap=key in ("value", "range", "source")
        )
    for fact in facts:
        value, spread, unit = fact.shown(words)
        sure = _word(words, fact.quantity.confidence)
        said = (fact.extra, of_a_place(fact.quantity.note, words.is_chinese))
        note = ("；" if words.is_chinese else "; ").join(text for text in said if text)
        source = of_a_place(fact.quantity.source, words.is_chinese)
        table.add_row(escape(fact.what), value, spread, unit, sure, source, escape(note))
    return table


def as_data(place: "PlaceSpec", words: Words) -> dict[str, Any]:
    """Return the same as plain data: figures in their declared units, each with the text of its source."""
    facts = place_facts(place, words)
    rows = [
        {
            "section": fact.section, "what": fact.what, "value": float(fact.quantity), "unit": fact.unit,
            "low": fact.quantity.low, "high": fact.quantity.high, "confidence": fact.quantity.confidence,
            "source": fact.quantity.source, "source_text": place.sources.get(fact.quantity.source, ""),
            "note": fact.quantity.note,
        }
        for fact in facts
    ]  # fmt: skip
    shares = {f"{key}_confidence_percent": share_by_confidence(facts)[key] for key in CONFIDENCES}
    return {"id": place.id, "name": words.name(place.name), "base_year": place.base_year, **shares, "figures": rows}


def places_command(
    text: Annotated[
        str, typer.Argument(metavar="[FILTER | show]", help="Show rows that contain this text; or the word 'show'.")
    ] = "",
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="After 'show': a place, or a file in .yaml.")] = "",
    lang: Lang = Language.en,
    as_json: Annotated[bool, typer.Option("--json", help="Print all fields as JSON.")] = False,
) -> None:
    """Parks and cities of the library; `places show NAME` prints what is known of one, from where, and how sure."""
    if name and text != SHOW:
        raise typer.BadParameter(f"'{text} {name}': a list takes one text; figures of a place are 'places show NAME'")
    if text != SHOW or not name:
        if text == SHOW:
            raise typer.BadParameter("name a place: 'places show NAME'")
        command_of(next(listing for listing in LISTINGS if listing.name == "places"))(text, lang, as_json)
        return
    with reporting():
        from transition_sim.scenarios import load_scenario

        place, words = load_scenario(name, None).place, Words(lang)
    if as_json:
        typer.echo(json.dumps(as_data(place, words), ensure_ascii=False, indent=2))
        return
    console = output()
    for part in place_parts(place, words):
        console.print(part, soft_wrap=isinstance(part, str))
