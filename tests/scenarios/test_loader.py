"""What plain words mean, and where every value stands."""

import pytest

from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios.loader import PARSERS, parse_document, plain_document, read_document
from transition_sim.scenarios.messages import shown, suggestion


@pytest.mark.parametrize("parser", PARSERS, ids=["libyaml", "python"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", 12), ("-3", -3), ("+4", 4), ("0", 0), ("1.50", 1.5), (".5", 0.5), ("2.", 2.0), ("-0.25", -0.25),
        ("1e3", 1000.0), ("2.5E-2", 0.025), ("1e+16", 1e16),
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None),
        # words that YAML 1.1 turns into something else
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("Off", "Off"), ("True", "True"),
        ("1:30", "1:30"), ("1_000", "1_000"),
        ("0x1F", "0x1F"), ("0o17", "0o17"), ("0b1", "0b1"), (".inf", ".inf"), (".nan", ".nan"),
        ("2020-01-01", "2020-01-01"),
        ("=", "="), ("2400 MW", "2400 MW"), ("14 千吨/日", "14 千吨/日"), ("١٢", "١٢"), ("e3", "e3"), (".", "."),
        ("'12'", "12"), ('"true"', "true"), ("''", ""), ('"\\u5e7f"', "广"),
        ("|\n  a\n  b", "a\nb\n"), (">\n  a\n  b", "a b\n"),
        ("[1, [x, 2.5]]", [1, ["x", 2.5]]), ("{b: 1, 2020: x, true: y}", {"b": 1, "2020": "x", "true": "y"}),
    ],
)  # fmt: skip
def test_what_a_value_means(text, expected, parser):
    got = parse_document(f"a: {text}\n".encode(), "f", parser=parser).data["a"]
    assert (got, type(got)) == (expected, type(expected))


def test_the_longest_number():
    longest = "9" * 40  # MAX_DIGITS
    assert parse_document(f"a: {longest}".encode(), "f").data == {"a": int(longest)}
    with pytest.raises(ScenarioError, match="at most 40 characters"):
        parse_document(f"a: {longest}9".encode(), "f")


def test_a_byte_order_mark_is_skipped_once():
    assert parse_document(b"\xef\xbb\xbfa: 1", "f").data == {"a": 1}
    with pytest.raises(ScenarioError, match=r"U\+FEFF"):
        parse_document(b"\xef\xbb\xbf\xef\xbb\xbfa: 1", "f")


def test_twenty_levels_are_allowed():
    text = b"a: " + b"[" * 19 + b"]" * 19
    assert parse_document(text, "f").data["a"] is not None


def test_a_file_of_exactly_256_kb_is_read():
    text = b"a: " + b"x" * (256 * 1024 - 3)
    assert len(parse_document(text, "f").data["a"]) == 262_141  # 262144 - len("a: ")


LINED = b"""# head
a: 1

b:
  - x
  - {c: 2,
     d: 3}
e: >
  long
  text
f:
  g: [1,
      2]
"""


@pytest.mark.parametrize("parser", PARSERS, ids=["libyaml", "python"])
def test_every_value_knows_its_line(parser):
    document = parse_document(LINED, "f", parser=parser)
    assert document.lines == {
        (): 2, ("a",): 2, ("b",): 4, ("b", 0): 5, ("b", 1): 6, ("b", 1, "c"): 6, ("b", 1, "d"): 7, ("e",): 8,
        ("f",): 11, ("f", "g"): 12, ("f", "g", 0): 12, ("f", "g", 1): 13,
    }  # fmt: skip
    assert document.line(("b", 1, "missing", 4)) == 6
    assert str(document.fault(("f", "g", 1), 2, "rule", "Remedy.")) == "f:13: f.g.1 = 2: rule. Remedy."


def test_a_file_is_named_in_its_faults(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\na: 2\n")
    with pytest.raises(ScenarioError) as caught:
        read_document(path)
    assert (caught.value.faults[0].file, caught.value.faults[0].line) == (str(path), 2)


def test_python_values_become_plain_ones():
    np = pytest.importorskip("numpy")
    given = {"a": (1, 2), "b": np.float64(0.5), "c": np.array([1, 2]), "d": {"e": None, "f": True}}
    document = plain_document(given, "here")
    assert document.data == {"a": [1, 2], "b": 0.5, "c": [1, 2], "d": {"e": None, "f": True}}
    assert document.data["d"] is not given["d"]


def test_values_are_shown_on_one_short_line():
    assert shown("a\n b") == "a b"
    assert shown("x" * 61) == "x" * 59 + "…"
    assert shown({"a": [1, "广"]}) == '{"a": [1, "广"]}'
    assert shown("\x1b[31m") == "\\x1b[31m"


def test_the_nearest_word_is_suggested():
    words = ["capex_subsidy_share", "new_clinker_ban"]
    assert suggestion("capex_subsidy", words, "levers") == "Did you mean capex_subsidy_share?"
    assert suggestion("CAPEX_SUBSIDY_SHARE", words, "levers") == "Did you mean capex_subsidy_share?"
    assert suggestion("zzz", words, "levers") == "The levers are: capex_subsidy_share, new_clinker_ban."
    assert suggestion("zzz", [str(n) for n in range(13)], "levers") == "See the list of levers."
