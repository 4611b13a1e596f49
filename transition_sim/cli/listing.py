"""Lists of what there is: places, policies, and every table of the registry; one row here makes one command."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.markup import escape
from rich.table import Table

from transition_sim.cli.narrow import Fitted
from transition_sim.cli.options import Lang
from transition_sim.cli.terminal import FAILED, output, reporting, say, words_beside
from transition_sim.cli.words import Language, Words
from transition_sim.scenarios.rows import NOT_FOR_SALE
from transition_sim.scenarios.words.units import plan_unit

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of a list: where its value stands in a row, its heads, how it is shown, and what its words are.

    ``words``: ``unit``; ``plan_unit`` for that in which plans count;
    ``table`` for words that tables use (city, low); or the table of the registry that names them.
    """

    field: str
    en: str
    zh: str
    is_number: bool = False
    words: str = ""


@dataclass(frozen=True)
class Listing:
    """A list: the command's name, one line of help, where its rows come from, which columns are shown."""

    name: str
    help: str
    rows: Callable[[], list[Row]]
    columns: tuple[Column, ...]


def _library(kind: str) -> list[Row]:
    from transition_sim.scenarios.library import find_document, list_places, list_policies, list_shocks

    names = {"place": list_places, "policy": list_policies, "shock": list_shocks}[kind]()
    return [_flat(find_document(name, kind).data) for name in names]


def _measures() -> list[Row]:
    from transition_sim.measures import FURTHER_MEASURES, MEASURES

    return [
        {
            "key": m.key, "name_en": m.en, "name_zh": m.zh, "unit": m.unit,
            "years": ", ".join(map(str, m.years)), "kept": kept,
        }
        for found, kept in ((MEASURES, True), (FURTHER_MEASURES, False))
        for m in found
    ]  # fmt: skip


def _flat(data: Mapping[str, Any]) -> Row:
    row = {key: data[key] for key in ("id", "kind", "base", "base_year") if key in data}
    for stem in ("name", "description"):
        row |= {f"{stem}_{key}": data.get(stem, {}).get(key, "") for key in ("en", "zh")}
    if "effects" in data:
        channels = dict.fromkeys(effect["channel"] for effect in data["effects"])
        dates = [(effect["from"], effect["to"]) for effect in data["effects"]]
        row |= {"channels": list(channels), "first": dates[0][0], "last": dates[0][1], "source": data.get("source", "")}
    elif "sectors" in data:
        row |= {"enterprises": sum(s["firms"] for s in data["sectors"]), "counties": len(data["counties"])}
    else:
        row["levers"] = len(data.get("levers") or {})
    return row


def _registry(name: str) -> list[Row]:
    from transition_sim.scenarios import registry

    found = getattr(registry, name)()
    return [asdict(row) for row in (found.values() if isinstance(found, Mapping) else found)]


def _levers() -> list[Row]:
    """Return the levers of the model and those that installed packages add, with who brings them."""
    from transition_sim.scenarios.extensions import added_levers

    added: list[Row] = [{**asdict(lever.row), "package": lever.extension.maker} for lever in added_levers().values()]
    return [{**row, "package": "transition_sim"} for row in _registry("levers")] + added


def _extensions() -> list[Row]:
    """Return the rules that can be replaced, and what installed packages bring."""
    from transition_sim.scenarios.extensions import RULE_KINDS, installed

    found = installed()
    kinds = [{**asdict(kind), "arguments": list(kind.arguments)} for kind in RULE_KINDS.values()]
    kinds = [{**kind, "installed": [f"{e.name} ({e.maker})" for e in found if e.kind == kind["key"]]} for kind in kinds]
    levers = {
        "key": "levers", "arguments": [], "name_en": "Levers", "name_zh": "政策工具",
        "help_en": "Levers of other packages, beside those of the model.", "help_zh": "其他软件包新增的政策工具。",
        "installed": [f"{e.name} ({e.maker})" for e in found if e.kind == "levers"],
    }  # fmt: skip
    return [*kinds, levers]


def _range(row: Row) -> Row:
    return {**row, "range": f"{row['low']:g} - {row['high']:g}"}


def _clauses() -> list[Row]:
    from transition_sim.scenarios.clauses import DOCUMENTS
    from transition_sim.scoreboard.traceability import STATUS_ZH, traces

    return [
        {
            **asdict(found.clause), "document_en": DOCUMENTS[found.clause.document][0],
            "document_zh": DOCUMENTS[found.clause.document][1], "status_en": found.status,
            "status_zh": STATUS_ZH[found.status], "missing": found.missing,
        }
        for found in traces()
    ]  # fmt: skip


ID, KEY = Column("id", "id", "编号"), Column("key", "key", "键")
NAME, ABOUT = Column("name", "name", "名称"), Column("description", "about", "说明")
UNIT, ACTS = Column("unit", "unit", "单位", words="unit"), Column("acts", "acts", "起作用")
READ_IN = {
    "CNY": "bn CNY", "tce": "Mtce", "tCO2": "MtCO2", "m3": "M m3", "t/yr": "Mt/yr", "share": "%",
    "tce/CNY": "tce/10k CNY", "tCO2/CNY": "tCO2/10k CNY",
}  # fmt: skip
"""Unit in which reports show an indicator, by the basic unit of the tables."""
ELEMENTS = Column("elements", "answered by", "对应要素")
RANGE, LIFE = Column("range", "range", "范围"), Column("life_years", "life, years", "寿命，年", True)
GRADE, TRUST = Column("grade", "grade", "来源级别"), Column("confidence", "confidence", "置信度", words="table")

LISTINGS = (
    Listing(
        "places", "Parks and cities of the library; 'places show NAME': what is known of one, from where, how sure.",
        lambda: _library("place"),
        (ID, NAME, Column("kind", "kind", "类别", words="table"), Column("base_year", "base year", "基年", True),
         Column("counties", "counties", "区县", True), Column("enterprises", "enterprises", "企业", True), ABOUT),
    ),
    Listing(
        "policies", "Policies of the library.", lambda: _library("policy"),
        (ID, NAME, Column("base", "builds on", "基于"), Column("levers", "own levers", "自设工具", True), ABOUT),
    ),
    Listing(
        "shocks", "Dated events of the library for --shock: drought, prices, downturn, accident, reversal.",
        lambda: _library("shock"),
        (ID, NAME, Column("first", "from", "起", words="table"), Column("last", "to", "止", words="table"),
         Column("channels", "channels", "途径", words="channels"), ABOUT),
    ),
    Listing(
        "channels", "Ways in which a shock reaches the model: unit and range.",
        lambda: [_range(row) for row in _registry("channels")],
        (KEY, NAME, RANGE, UNIT, Column("step", "by", "步长", words="table"), Column("of", "of", "对象", words="table"),
         Column("combines", "several", "叠加方式", words="table"), Column("submodel", "rule", "子模型")),
    ),
    Listing(
        "levers", "What policy can set: range, neutral value, who may pull it.",
        lambda: [_range(row) for row in _levers()],
        (ID, KEY, NAME, RANGE, Column("neutral", "neutral", "中性值", True),
         Column("default", "default", "默认值", True), UNIT, Column("who", "set by", "决定层级", words="table"), ACTS),
    ),
    Listing(
        "extensions", "Rules that other packages can replace, and which installed packages do.", _extensions,
        (KEY, NAME, Column("help", "what it decides", "决定什么"), Column("arguments", "arguments", "参数"),
         Column("installed", "installed", "已安装")),
    ),
    Listing(
        "indicators", "What is watched, with unit and good direction.", lambda: _registry("indicators"),
        (ID, KEY, NAME, Column("unit", "unit", "单位", words="plan_unit"),
         Column("good_direction", "good", "向好方向", words="table"),
         Column("column", "read from", "取自"), ACTS),
    ),
    Listing(
        "measures", "Single numbers of a run that studies and comparisons are judged by.", _measures,
        (KEY, NAME, Column("unit", "unit", "单位", words="plan_unit"), Column("years", "needs the years", "所需年份"),
         Column("kept", "kept by a study", "研究默认保留")),
    ),
    Listing(
        "parameters", "Numbers that nobody sets, with range, grade and confidence.",
        lambda: [_range(row) for row in _registry("parameters")],
        (KEY, NAME, Column("value", "value", "取值", True), RANGE, UNIT, Column("submodel", "rule", "子模型"), GRADE,
         TRUST),
    ),
    Listing(
        "technologies", "Equipment that enterprises choose from.", lambda: _registry("technologies"),
        (ID, NAME, Column("service", "service", "服务", words="services"),
         Column("carrier", "carrier", "能源", words="carriers"),
         Column("capex_cny_per_unit", "CNY per unit/yr", "元/单位年容量", True),
         Column("fuel_gj_per_unit", "fuel, GJ/unit", "燃料，GJ/单位", True),
         Column("elec_gj_per_unit", "power, GJ/unit", "电力，GJ/单位", True), LIFE,
         Column("available_year", "from", "可用年份", True), Column("is_green", "green", "绿色"), TRUST),
    ),
    Listing(
        "clauses", "What the plans ask for, clause by clause, and what of the model answers it.", _clauses,
        (ID, Column("document", "document", "文件"), NAME, ELEMENTS, Column("status", "status", "状态")),
    ),
    Listing(
        "sectors", "Sectors of enterprises: growth and prices.", lambda: _registry("sectors"),
        (ID, NAME, Column("growth_2021_2025_percent", "% a year to 2025", "至2025年增速%", True),
         Column("growth_2026_2030_percent", "to 2030", "至2030年", True),
         Column("growth_2031_2035_percent", "to 2035", "至2035年", True),
         Column("demand_elasticity", "elasticity", "需求弹性", True),
         Column("pass_through", "pass-through", "成本转嫁", True),
         Column("export_share", "export share", "出口份额", True), TRUST),
    ),
)  # fmt: skip


def matching(rows: Sequence[Row], text: str) -> list[Row]:
    """Return the rows in which some value contains the text, upper and lower case alike."""
    wanted = text.casefold()
    return [row for row in rows if any(wanted in _shown(value).casefold() for value in row.values())]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _nearest(listing: Listing, text: str) -> str:
    """Return the id or key that is most like a text without a match, as a question."""
    from transition_sim.scenarios.messages import nearest

    known = [str(row[name]) for row in listing.rows() for name in ("key", "id") if row.get(name)]
    near = nearest(text, known)
    return f"Did you mean {near}?" if near else ""


def draw(listing: Listing, rows: Sequence[Row], words: Words) -> Table:
    """Return the rows as a table in the chosen language."""
    language = "zh" if words.is_chinese else "en"
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in listing.columns:
        justify: Any = "right" if column.is_number else "left"
        fixed = column.field in ("id", "key")
        head = getattr(column, language)
        least = max(map(cell_len, head.split()))  # a head is folded between its words, never within one
        table.add_column(head, justify=justify, no_wrap=fixed, overflow="fold", min_width=least)
    for row in rows:
        values = [row.get(f"{c.field}_{language}", row.get(c.field)) for c in listing.columns]
        cells = (_word(value, column, words) for value, column in zip(values, listing.columns, strict=True))
        table.add_row(*map(escape, cells))
    return table


def fitted(listing: Listing, rows: Sequence[Row], words: Words) -> Fitted:
    """Return the table of a list; on a narrow terminal id and name stay, then units, ranges and what it is about."""
    longest = {"range": 1, "installed": 1, "status": 1, "description": 2, "unit": 3}
    columns = [column for column in listing.columns[::-1] if column.field not in ("id", "key", "name")]
    columns.sort(key=lambda column: longest.get(column.field, 0))
    heads = [column.zh if words.is_chinese else column.en for column in columns]
    return Fitted(draw(listing, rows, words), heads, words)


def _word(value: Any, column: Column, words: Words) -> str:
    """Return a value as it is shown; words of tables, units and ids in Chinese where Chinese is asked for."""
    if isinstance(value, bool):
        return words("yes" if value else "no")
    if column.field == "available_year" and value == NOT_FOR_SALE:
        return words("not_for_sale")
    if not column.words or not words.is_chinese:
        return _shown(value)
    if column.words == "unit":
        return words.unit(_shown(value))
    if column.words == "plan_unit":
        return plan_unit(READ_IN.get(str(value), str(value)), words.is_chinese)
    say = words.listed if column.words == "table" else _names(column.words).get
    parts = value if isinstance(value, list | tuple) else [_shown(value)]
    return "、".join(say(str(part)) or str(part) for part in parts)


@cache
def _names(table: str) -> dict[str, str]:
    """Return the Chinese name of every row of a table of the registry."""
    return {str(row.get("key", row.get("id"))): row["name_zh"] for row in _registry(table)}


def _none_found(listing: Listing, text: str, words: Words) -> str:
    """Return that no row of a list contains a text, with the name that is most like it."""
    from transition_sim.scenarios.words.faults import told

    name, near = told(listing.name, words.is_chinese), _nearest(listing, text)
    return words("none_found", name=name, text=text) + (told(near, True) if words.is_chinese else near and f" {near}")


def command_of(listing: Listing) -> Callable[..., None]:
    """Return the function of the command of a list."""

    def command(
        text: Annotated[str, typer.Argument(metavar="[FILTER]", help="Show rows that contain this text.")] = "",
        lang: Lang = Language.en,
        as_json: Annotated[bool, typer.Option("--json", help="Print all fields as JSON.")] = False,
    ) -> None:
        with reporting():
            rows = matching(listing.rows(), text)
        if as_json:
            typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        if not rows:
            say(_none_found(listing, text, words_beside()))
            raise typer.Exit(FAILED)
        output().print(fitted(listing, rows, Words(lang)))

    return command
