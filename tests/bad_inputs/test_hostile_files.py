"""Files made to hurt: refused quickly, with one clear sentence, and nothing but ``ScenarioError`` comes out."""
# ruff: noqa: E501 (whole messages on one line)

import os
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_place_faults import MINIMAL, WORDS

from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios import scenario
from transition_sim.scenarios.loader import PARSERS, parse_document, plain_document, read_document

SECONDS = 0.2
BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n" % (n, n, *[n - 1] * 9) for n in range(98, 112)
)
KEY = "Write a plain word, a colon and the value."
SYNTAX = "Check the indentation, brackets, colons and quotes around this line."

# bytes -> every line of the report
HOSTILE = {
    "empty": (b"", ["f:1: file: the file is empty. Start from a file of the library."]),
    "comment only": (b"# nothing\n", ["f:1: file: the file is empty. Start from a file of the library."]),
    "anchor": (b"a: &x 1\n", ["f:1: a = &x: anchors are refused. Delete the anchor."]),
    "alias of nothing": (b"a: 1\nb: *x\n", ["f:2: b = *x: aliases are refused. Write the value out again."]),
    "merge key": (
        b"a: &x {c: 1}\nb:\n  <<: *x\n",
        ["f:1: a = &x: anchors are refused. Delete the anchor.",
         "f:3: b.<< = *x: aliases are refused. Write the value out again."],
    ),
    "python object": (
        b"a: !!python/object/apply:os.system ['true']\n",
        ["f:1: a = tag:yaml.org,2002:python/object/apply:os.system: tags are refused."
         " Delete the tag; the type follows from the value."],
    ),
    "own tag": (b"a: !secret x\n", ["f:1: a = !secret: tags are refused. Delete the tag; the type follows from the value."]),
    "tagged key": (b"!!str a: 1\n", [f"f:1: file = a: a key has neither anchor nor tag. {KEY}"]),
    "directive": (b"%YAML 1.1\n---\na: 1\n", ["f:1: file: directives (%YAML, %TAG) are refused. Delete the line that starts with %."]),
    "two documents": (b"a: 1\n---\nb: 2\n", ["f:2: file: a file holds one document. Delete everything from the line '---' on."]),
    "key given twice": (b"a: 1\nb: 2\na: 3\n", ["f:3: a: the key is given twice. Keep one of the two; the first stands in line 1."]),
    "key given three times": (
        b"a:\n  b: 1\n  b: 2\n  b: 3\n",
        ["f:3: a.b: the key is given twice. Keep one of the two; the first stands in line 2.",
         "f:4: a.b: the key is given twice. Keep one of the two; the first stands in line 2."],
    ),
    "list as a key": (b"[a, b]: 1\n", [f"f:1: file: a key is a single word. {KEY}"]),
    "key beyond its length": (b"k" * 101 + b": 1\n", [f"f:1: file = {'k' * 59}…: a key has at most 100 printable characters. {KEY}"]),
    "nested 30 deep": (
        b"a: " + b"[" * 30 + b"]" * 30,
        [f"f:1: a{'.0' * 19}: nested deeper than 20 levels. No format of ours needs this depth."],
    ),
    "brackets without end": (
        b"[" * 200_000, [f"f:1: {'.'.join('0' * 20)}: nested deeper than 20 levels. No format of ours needs this depth."]
    ),
    "300 kB": (b"a: " + b"x" * 300_000, ["f: file: the file is larger than 256 kB. Split it or delete what is not needed."]),
    "NUL": (b"a: 1\nb: \0\n", ["f:2: file: the control character U+0000 is refused. Delete it; the file is plain text."]),
    "text that turns round": (
        "a: 1\nb: x\u202ey\n".encode(), ["f:2: file: the control character U+202E is refused. Delete it; the file is plain text."]
    ),
    "escaped NUL": (b'a: "x\\0"\n', ["f:1: a = x\\x00: control characters are refused. Delete the escape in the text."]),
    "not UTF-8": (b"a: 1\nb: \xff\n", ["f:2: file: byte 8 is not UTF-8. Save the file as UTF-8."]),
    "UTF-16": ("a: 1\n".encode("utf-16-le"), ["f:1: file: the control character U+0000 is refused. Delete it; the file is plain text."]),
    "leading zero": (b"a: 007\n", ["f:1: a = 007: a number has no leading zeros. Delete the leading zeros, or put an identifier in quotes."]),
    "leading zeros before a point": (b"a: -00.5\n", ["f:1: a = -00.5: a number has no leading zeros. Delete the leading zeros, or put an identifier in quotes."]),
    "number of 10 kB": (b"a: " + b"9" * 10_000, [f"f:1: a = {'9' * 59}…: a number has at most 40 characters. Write it as 1.5e9."]),
    "number beyond all": (b"a: 1e999\n", ["f:1: a = 1e999: a number is finite. Write a smaller number."]),
    "a list at the top": (b"- 1\n", ["f:1: file = [1]: the file is not a mapping of keys to values. Start with a line such as 'format: policy/1'."]),
    "a word at the top": (b"hello\n", ["f:1: file = hello: the file is not a mapping of keys to values. Start with a line such as 'format: policy/1'."]),
    "tab for indentation": (b"a:\n\tb: 1\n", [f"f:2: file: this is not YAML: found character that cannot start any token. {SYNTAX}"]),
    "bracket left open": (b"a: [1, 2\nb: 3\n", [f"f:2: file: this is not YAML: did not find expected ',' or ']'. {SYNTAX}"]),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _small_vocabulary(monkeypatch):
    monkeypatch.setattr(scenario, "vocabulary", lambda: WORDS)


def _refused(data, **options):
    start = time.perf_counter()
    with pytest.raises(ScenarioError) as caught:
        parse_document(data, "f", **options)
    assert time.perf_counter() - start < SECONDS
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_quickly(name):
    data, expected = HOSTILE[name]
    assert _refused(data) == expected


def test_a_billion_laughs_stay_a_few_words():
    report = _refused(BOMB)
    assert report[0] == "f:1: a = &a: anchors are refused. Delete the anchor."
    assert len(report) <= 101  # reading stops at a hundred faults


@pytest.mark.parametrize("name", sorted(set(HOSTILE) - {"tab for indentation", "bracket left open"}))
def test_the_parser_in_python_refuses_the_same(name):
    data, expected = HOSTILE[name]
    with pytest.raises(ScenarioError) as caught:
        parse_document(data, "f", parser=PARSERS[1])
    assert [str(fault) for fault in caught.value.faults] == expected


def test_arithmetic_is_never_evaluated(tmp_path):
    path = tmp_path / "place.yaml"
    path.write_text(MINIMAL.replace("value: 10 MW", "value: 9**9**9 m"), "utf-8")
    start = time.perf_counter()
    fields = [fault.field for fault in scenario.check_file(path)]
    assert time.perf_counter() - start < SECONDS
    assert fields == ["power.units.0.capacity", "power.units.3.capacity", "power.units.4.capacity"]


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda path: None], ids=["folder", "pipe", "nothing"])
def test_only_files_are_read(make, tmp_path):
    path = tmp_path / "x.yaml"
    make(path)
    with pytest.raises(ScenarioError, match=r"this is not a file|there is no such file"):
        read_document(path)


def test_a_path_with_a_nul_is_a_fault():
    with pytest.raises(ScenarioError, match=r"the file cannot be read|there is no such file"):
        read_document("a\0.yaml")


def test_python_values_no_file_could_give():
    circle = {}
    circle["a"] = circle
    for given_, rule in [
        ({"a": object}, "a value of type type cannot be used"),
        ({"a": {1: 2}}, "a key is text"),
        ({"a": "x\0"}, "control characters are refused"),
        ({"a": b"x"}, "a value of type bytes cannot be used"),
        (circle, "nested deeper than 20 levels"),
    ]:
        with pytest.raises(ScenarioError) as caught:
            plain_document(given_, "here")
        assert [fault.rule for fault in caught.value.faults] == [rule]


TOKENS = ["&a ", "*a", "!!x ", "- ", ": ", "{", "}", "[", "]", "\n", "  ", "\t", "null", "'", '"', "|", ">", "%", "#", "---\n",
          "1e400", "0x1", "\\U00110000", '"\\ud800"', "\0", "\x85", "水", "\ud7ff", ",", "? ", "<<: ", "true", "-", "~"]  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_bytes_give_scenario_errors_only(data):
    text = bytearray(MINIMAL.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        if data.draw(st.booleans()):
            piece = data.draw(st.sampled_from(TOKENS)).encode()
        else:
            piece = data.draw(st.binary(max_size=6))
        text[at : at + cut] = piece
    for parser in PARSERS[: data.draw(st.integers(1, 2))]:
        try:
            document = parse_document(bytes(text), "upload", parser=parser)
        except ScenarioError:
            continue
        faults = scenario.check_file(document)
        assert all(fault.rule and fault.remedy for fault in faults)
        if not faults and document.data.get("format") == "place/1":
            assert len(scenario.load_scenario(document).hash) == 32


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=40),
    key=st.sampled_from(["levers.x", "place.power.units.coal_unit.capacity", "a", "place.gate"]),
)
def test_any_setting_gives_a_scenario_or_a_scenario_error(text, key):
    with suppress(ScenarioError):
        assert scenario.load_scenario("minimal", sets=[f"{key}={text}", text]).place.id == "minimal"
