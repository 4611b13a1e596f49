"""What is refused of a package before a run, with its exact report, and what stops a run that has begun."""

from types import SimpleNamespace

import numpy as np
import pytest
import typer

import transition_sim as ts
from tests.extensions.packages import EXAMPLE, found_in, write_package
from transition_sim.cli import terminal
from transition_sim.core.errors import ExtensionError, ScenarioError
from transition_sim.quarter import extensions as watch
from transition_sim.scenarios import extensions
from transition_sim.world.markets.clearing import Auction, call_auction
from transition_sim.world.markets.green_orders import Buyers, Sellers, Terms, no_contracts
from transition_sim.world.markets.green_power import trade_quarter

CHOOSE = "def choose(seen, params, levers, own):\n    pass\n"
HEADER = (EXAMPLE / "satisficing" / "levers.csv").read_text(encoding="utf-8").partition("\n")[0]
ROW = "{id},{key},One,一,Does one thing,做一件事,share,number,0,0.5,0,1,city,SM06,1,1,A,an example,low\n"


def reports(folder, overlay):
    """Return the lines of the report that an overlay meets, with the packages of a folder installed."""
    with found_in(folder), pytest.raises(ScenarioError) as caught:
        ts.load_scenario("minimal", overlay=overlay)
    return [str(fault) for fault in caught.value.faults]


def asked(kind="technology_choice", name="mine"):
    return {"extensions": {kind: name}}


def test_an_unknown_rule(tmp_path):
    assert reports(tmp_path, asked("technology_chioce")) == [
        "overlay: extensions.technology_chioce = mine: there is no rule of this name that can be replaced. "
        "Did you mean technology_choice?"
    ]


def test_a_rule_that_is_missing_names_what_is_there(tmp_path):
    write_package(tmp_path, "one", {"technology_choice": "mine = one:choose"}, {"__init__.py": CHOOSE})
    assert reports(tmp_path, asked(name="mien")) == [
        "overlay: extensions.technology_choice = mien: no installed package brings this rule. "
        "Install the package that brings it, or leave it out. Did you mean mine?"
    ]


def test_two_packages_with_one_name(tmp_path):
    for name in ("one", "two"):
        write_package(tmp_path, name, {"technology_choice": f"mine = {name}:choose"}, {"__init__.py": CHOOSE})
    assert reports(tmp_path, asked()) == [
        "overlay: extensions.technology_choice = mine: several packages bring a rule of this name: one 1.0, two 1.0. "
        "Uninstall all but one of them."
    ]


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("import no_such_thing\n", "cannot be read: ModuleNotFoundError: No module named 'no_such_thing'"),
        ("1 / 0\n", "cannot be read: ZeroDivisionError: division by zero"),
        ("", "cannot be read: AttributeError: module 'one' has no attribute 'choose'"),
        ("choose = 3\n", "is no function"),
        ("def choose(seen, levers, params, own): pass\n",
         "takes (seen, levers, params, own), not (seen, params, levers, own)"),
        ("choose = print\n", "takes (args, sep, end, file, flush), not (seen, params, levers, own)"),
        ("choose = dict.fromkeys\n", "takes (iterable, value), not (seen, params, levers, own)"),
        ("choose = max\n", "takes (?), not (seen, params, levers, own)"),
    ],
    ids=["import", "raises", "missing", "no_function", "swapped", "print", "method", "built_in"],
)  # fmt: skip
def test_a_rule_that_cannot_be_used(tmp_path, source, rule):
    write_package(tmp_path, "one", {"technology_choice": "mine = one:choose"}, {"__init__.py": source})
    assert reports(tmp_path, asked()) == [
        f"overlay: extensions.technology_choice = mine: one:choose of one 1.0 {rule}. "
        "Mend or update one, or leave the extension out."
    ]


@pytest.mark.parametrize(
    ("entry", "files", "report"),
    [
        ("mine = one", {"levers.csv": HEADER + "\n" + ROW.format(id="L01", key="capex_subsidy_share")},
         ["one 1.0: levers.csv: capex_subsidy_share.key = capex_subsidy_share: the key of a lever is taken by the "
          "model. Rename it, or uninstall one.",
          "one 1.0: levers.csv: capex_subsidy_share.id = L01: the id of a lever is taken by the model. Rename it, or "
          "uninstall one."]),
        ("mine = one", {"levers.csv": HEADER + "\n" + ROW.format(id="X1", key="new").replace(",0,1,c", ",0.6,1,c")},
         ["one 1.0: levers.csv:2: new.neutral = 0: the value lies outside 0.6 to 1. Correct it, low or high.",
          "one 1.0: levers.csv:2: new.default = 0.5: the value lies outside 0.6 to 1. Correct it, low or high."]),
        ("mine = one", {}, ["one 1.0: levers.csv: table: the table is missing. Put the file back."]),
        ("mine = one.levers", {"levers.py": "", "levers.csv": HEADER + "\n"},
         ["one 1.0: levers = mine: one.levers of one 1.0 is no package that could hold a levers.csv. "
          "Mend, update or uninstall one."]),
        ("mine = one", {"__init__.py": "def effect(path, own): pass\n", "levers.csv": HEADER + "\n"},
         ["one 1.0: levers = mine: one of one 1.0 takes (path, own), not (own, path). Mend, update or uninstall one."]),
        ("mine = one", {"__init__.py": "import nothing\n"},
         ["one 1.0: levers = mine: one of one 1.0 cannot be read: ModuleNotFoundError: No module named 'nothing'. "
          "Mend, update or uninstall one."]),
    ],
    ids=["taken", "out_of_range", "no_table", "no_package", "effect", "import"],
)  # fmt: skip
def test_levers_that_cannot_be_used(tmp_path, entry, files, report):
    write_package(tmp_path, "one", {"levers": entry}, {"__init__.py": "", **files})
    assert reports(tmp_path, {}) == report


def test_two_packages_with_one_lever(tmp_path):
    for name in ("one", "two"):
        files = {"__init__.py": "", "levers.csv": HEADER + "\n" + ROW.format(id=f"X_{name}", key="same")}
        write_package(tmp_path, name, {"levers": f"mine = {name}"}, files)
    assert reports(tmp_path, {}) == [
        "two 1.0: levers.csv: same.key = same: the key of a lever is taken by one 1.0. Rename it, or uninstall two."
    ]


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("raise KeyError('cost')", "one:choose failed: KeyError: 'cost'"),
        ("seen.options['probability'][:, 0] = 0.5", "one:choose failed: ValueError: the probabilities of"),
        (
            "seen.options['utility'][:] = float('nan')",
            "one:choose failed: ValueError: the probabilities of",
        ),
    ],
    ids=["raises", "sums_to_less", "utility"],
)
def test_a_choice_that_goes_wrong_stops_the_run(tmp_path, body, what):
    source = f"def choose(seen, params, levers, own):\n    {body}\n"
    write_package(tmp_path, "one", {"technology_choice": "mine = one:choose"}, {"__init__.py": source})
    with found_in(tmp_path), pytest.raises(ExtensionError) as caught:
        ts.run(ts.load_scenario("minimal", "current", overlay=asked(), end_year=2023), seed=1)
    assert caught.value.maker == "one 1.0"
    assert caught.value.what.startswith(what)


def test_an_effect_that_leaves_the_range_of_a_lever(tmp_path):
    effect = "def effect(own, path):\n    path['capex_subsidy_share'] = 0.9\n"
    files = {"__init__.py": effect, "levers.csv": HEADER + "\n" + ROW.format(id="X1", key="new")}
    write_package(tmp_path, "one", {"levers": "mine = one"}, files)
    with found_in(tmp_path):
        scenario = ts.load_scenario("minimal", overlay={"levers": {"new": 1}})
        with pytest.raises(ExtensionError) as caught:
            scenario.lever_path()
    assert str(caught.value) == (
        "extension of one 1.0: its effect sets the lever capex_subsidy_share to 0.9; it ranges from 0 to 0.5"
    )


def test_the_command_line_says_whose_fault_it_is(capsys):
    with pytest.raises(typer.Exit) as caught, terminal.reporting():
        raise ExtensionError("one 1.0", "one:choose failed")
    assert caught.value.exit_code == terminal.FAILED
    assert capsys.readouterr().err.splitlines() == [
        "extension of one 1.0: one:choose failed",
        "The run stopped, and nothing was written. Its package must mend it; without it the scenario runs.",
    ]


# --- markets: what their result is held against, by hand --------------------------------------------------------------

ASK, ASK_T, BID, BID_T = np.array([1.0, 3.0]), np.array([4.0, 6.0]), np.array([5.0, 2.0]), np.array([5.0, 5.0])


def test_our_own_auction_passes():
    """4 t at 1 and 1 t at 3 meet 5 t at 5; the next bid of 2 is below the next ask of 3."""
    result = call_auction(ASK, ASK_T, BID, BID_T, 0.5)
    assert result.traded_units == 5.0
    assert watch.wrong_auction(result, ASK, ASK_T, BID, BID_T, 0.5) == ""


@pytest.mark.parametrize(
    ("result", "wrong"),
    [
        ((5.0, 4.0), "it returns tuple, not Auction"),
        (Auction(5.0, 4.0, np.array([5.0]), np.array([5.0, 0.0])), "it fills another number of orders than there are"),
        (Auction(5.0, 4.0, np.array([4.0, 0.0]), np.array([5.0, 0.0])), "it sells 4, buys 5 and reports 5 t"),
        (Auction(5.0, 4.0, np.array([5.0, 0.0]), np.array([5.0, 0.0])),
         "it fills an order by less than nothing or more than it asks for"),
        (Auction(5.0, 2.5, np.array([4.0, 1.0]), np.array([5.0, 0.0])),
         "at its price of 2.5 CNY/t somebody trades at a loss"),
    ],
    ids=["type", "shape", "sum", "beyond", "loss"],
)  # fmt: skip
def test_an_auction_that_is_refused(result, wrong):
    assert watch.wrong_auction(result, ASK, ASK_T, BID, BID_T, 0.5) == wrong


@pytest.fixture
def green():
    """One unit with 10 MWh of certificates, one enterprise that uses 10 MWh and wants 8 of them for up to 50 CNY."""
    one, yes = np.ones(1), np.ones(1, bool)
    sellers = Sellers(10.0 * one, one, yes, 10.0 * one)
    buyers = Buyers(10.0 * one, 0.0 * one, 8.0 * one, 50.0 * one, yes, yes)
    terms = Terms(1.0, 0.5, 0.0, 2160.0, 50.0, 0.5, 0.5, 50.0, 0.1, float("nan"))
    return sellers, buyers, no_contracts(), terms, 0.5 * one, 0.5 * one


@pytest.mark.parametrize(
    ("side", "field", "wrong"),
    [
        ("buyers", "auction_mwh", "MWh of green power and delivers"),
        ("buyers", "unbundled_mwh", "certificates and delivers"),
        ("buyers", "paid_premium_cny", "CNY and sellers receive"),
    ],
)
def test_a_green_quarter_whose_sides_differ_is_refused(green, side, field, wrong):
    result = trade_quarter(*green)
    assert watch.wrong_green_quarter(result, *green) == ""
    assert result.sellers.bundled_mwh.sum() > 0
    getattr(getattr(result, side), field)[0] += 1.0
    assert wrong in watch.wrong_green_quarter(result, *green)
    assert watch.wrong_green_quarter(None, *green) == "it returns NoneType, not GreenQuarter"


def test_nobody_claims_or_sells_more_than_there_is(green):
    sellers, buyers, *rest = green
    result = trade_quarter(*green)
    less = buyers._replace(use_mwh=np.zeros(1))
    assert (
        watch.wrong_green_quarter(result, sellers, less, *rest) == "an enterprise claims more green power than it uses"
    )
    less = sellers._replace(metered_mwh=np.zeros(1))
    wrong = watch.wrong_green_quarter(result, less, buyers, *rest)
    assert wrong == "a unit sells more green power than it generates"


def test_a_market_that_fails_names_package_rule_and_quarter(tmp_path):
    source = "def clear(ask_cny_per_t, ask_t, bid_cny_per_t, bid_t, k):\n    return None\n"
    write_package(tmp_path, "one", {"permit_auction": "mine = one:clear"}, {"__init__.py": source})
    world = SimpleNamespace(scenario=SimpleNamespace(extensions={"permit_auction": "mine"}), label="2027Q1")
    with found_in(tmp_path), pytest.raises(ExtensionError) as caught:
        watch.in_force(world, "permit_auction", call_auction)(ASK, ASK_T, BID, BID_T, 0.5)
    assert str(caught.value) == (
        "extension of one 1.0: permit_auction mine in 2027Q1: it returns NoneType, not Auction"
    )
    ours = SimpleNamespace(scenario=SimpleNamespace(extensions={}))
    assert watch.in_force(ours, "permit_auction", call_auction) is call_auction


def test_what_has_changed_since_a_record(tmp_path):
    write_package(tmp_path, "one", {"technology_choice": "mine = one:choose"}, {"__init__.py": CHOOSE})
    with found_in(tmp_path):
        record = extensions.used(asked()["extensions"], ())[0].record()
        assert extensions.changed_since([record]) == []
        assert extensions.changed_since([record | {"version": "0.9"}, record | {"source_hash": "0" * 32}]) == [
            "one 0.9", "one 1.0",
        ]  # fmt: skip
    assert extensions.changed_since([record]) == ["one 1.0"]  # gone
