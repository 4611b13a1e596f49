"""Safe YAML: files are read as libyaml's event stream, so that nothing is constructed, repeated or guessed.

Refused: anchors, aliases, tags, directives, duplicate keys, several documents, nesting above 20, files above 256 kB,
bytes that are not UTF-8, control characters, numbers with leading zeros. A plain word is a number, ``true``, ``false``
or ``null``; anything else is text (``no`` and ``1:30`` stay text, ``1e3`` is a number).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios.messages import KeyPath, dotted, shown

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_FAULTS = 100
MAX_DIGITS = 40
PARSERS: tuple[Any, ...] = (getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader)

_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_REAL = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?\Z")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
# C0 and C1 controls, line separators that hide a line, marks that turn the direction of text, lone surrogates
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


@dataclass(frozen=True)
class Document:
    """Plain data (dict, list, str, int, float, bool, None) and the line of each value.

    Attributes
    ----------
    data : Any
        A mapping, except for a single value given on the command line.
    lines : dict of path -> int
        Line of the key or list item, from 1.
    file : str
        Name to show.
    """

    data: Any
    lines: dict[KeyPath, int]
    file: str

    def line(self, path: KeyPath) -> int | None:
        """Return the line of a value, or of the nearest mapping or list that holds it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None

    def part(self, path: KeyPath) -> "Document":
        """Return what stands at a path as a document of its own, with its lines; the path is in the document."""
        data = self.data
        for key in path:
            data = data[key]
        lines = {at[len(path) :]: line for at, line in self.lines.items() if at[: len(path)] == path}
        return Document(data, lines, self.file)

    def fault(self, path: KeyPath, value: Any, rule: str, remedy: str) -> Fault:
        """Return a fault of this document."""
        return Fault(self.file, self.line(path), dotted(path) or "file", shown(value), rule, remedy)


class _Stop(Exception):
    """Reading on would cost more than it tells."""


@dataclass
class _Reader:
    file: str
    parser: Any
    lines: dict[KeyPath, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    events: Any = None

    def read(self, text: str) -> Any:
        self.events = yaml.parse(text, Loader=self.parser)
        try:
            return self._stream()
        except _Stop:
            return None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            self._syntax(line, str(error.problem or error.context or "syntax error"))
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            self._syntax(None, str(error).partition("\n")[0])
        finally:
            self.events.close()
        return None

    def _syntax(self, line: int | None, problem: str) -> None:
        remedy = "Check the indentation, brackets, colons and quotes around this line"
        self.faults.append(Fault(self.file, line, "file", "", f"this is not YAML: {shown(problem)}", remedy + "."))

    def _fault(self, line: int, path: KeyPath, value: str, rule: str, remedy: str) -> None:
        self.faults.append(Fault(self.file, line, dotted(path) or "file", shown(value), rule, remedy))
        if len(self.faults) >= MAX_FAULTS:
            raise _Stop

    def _stream(self) -> Any:
        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            self._fault(1, (), "", "the file is empty", "Start from a file of the library.")
            return None
        if event.version or event.tags:
            self._fault(1, (), "", "directives (%YAML, %TAG) are refused", "Delete the line that starts with %.")
        data = self._node(next(self.events), (), None, 1)
        next(self.events)
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            line = event.start_mark.line + 1
            self._fault(line, (), "", "a file holds one document", "Delete everything from the line '---' on.")
        return data

    def _node(self, event: Any, path: KeyPath, line: int | None, depth: int) -> Any:
        line = line or event.start_mark.line + 1
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.AliasEvent):
            self._fault(line, path, f"*{event.anchor}", "aliases are refused", "Write the value out again.")
            return None
        if event.anchor is not None:
            self._fault(line, path, f"&{event.anchor}", "anchors are refused", "Delete the anchor.")
        if event.tag is not None:
            self._fault(line, path, event.tag, "tags are refused", "Delete the tag; the type follows from the value.")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path, line)
        if depth > MAX_DEPTH:
            self._fault(line, path, "", f"nested deeper than {MAX_DEPTH} levels", "No format of ours needs this depth.")
            raise _Stop
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path, depth)
        return self._sequence(path, depth)

    def _sequence(self, path: KeyPath, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items)), None, depth + 1))
        return items

    def _mapping(self, path: KeyPath, depth: int) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            key = self._key(event, path, line)
            child = (*path, key)
            if key in items:
                remedy = f"Keep one of the two; the first stands in line {self.lines[child]}."
                self._fault(line, child, "", "the key is given twice", remedy)
                self._node(next(self.events), (*child, "again"), line, depth + 1)
            else:
                items[key] = self._node(next(self.events), child, line, depth + 1)
        return items

    def _key(self, event: Any, path: KeyPath, line: int) -> str:
        remedy = "Write a plain word, a colon and the value."
        if not isinstance(event, yaml.ScalarEvent):
            self._fault(line, path, "", "a key is a single word", remedy)
            raise _Stop
        if event.anchor is not None or event.tag is not None:
            self._fault(line, path, event.value, "a key has neither anchor nor tag", remedy)
        if len(event.value) > 100 or _CONTROL.search(event.value):
            self._fault(line, path, event.value, "a key has at most 100 printable characters", remedy)
            raise _Stop
        return event.value

    def _scalar(self, event: Any, path: KeyPath, line: int) -> Any:
        text = event.value
        if _CONTROL.search(text):
            self._fault(line, path, text, "control characters are refused", "Delete the escape in the text.")
            return None
        if not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _LEADING_ZERO.match(text):
            remedy = "Delete the leading zeros, or put an identifier in quotes."
            self._fault(line, path, text, "a number has no leading zeros", remedy)
            return None
        if not _REAL.match(text):
            return text
        return self._number(text, path, line)

    def _number(self, text: str, path: KeyPath, line: int) -> int | float | None:
        if len(text) > MAX_DIGITS:
            self._fault(line, path, text, f"a number has at most {MAX_DIGITS} characters", "Write it as 1.5e9.")
            return None
        number = int(text) if _WHOLE.match(text) else float(text)
        if number in (float("inf"), float("-inf")):
            self._fault(line, path, text, "a number is finite", "Write a smaller number.")
            return None
        return number


def parse_document(data: bytes, file: str, parser: Any = PARSERS[0], root: type | None = dict) -> Document:
    """Return the document in the bytes of a file.

    Parameters
    ----------
    data : bytes
    file : str
        Name to show in faults.
    parser : class, optional
        Loader of PyYAML whose events are read: libyaml's where it is built in, else the one in Python.
    root : type or None
        What the document must be; None for anything.

    Raises
    ------
    ScenarioError
        With every fault found; nothing else comes out, whatever the bytes.
    """
    text = _text(data, file)
    reader = _Reader(file, parser)
    content = reader.read(text)
    if reader.faults:
        raise ScenarioError(reader.faults)
    document = Document(content, reader.lines, file)
    if root is not None and not isinstance(content, root):
        rule = "the file is not a mapping of keys to values"
        raise ScenarioError([document.fault((), content, rule, "Start with a line such as 'format: policy/1'.")])
    return document


def _text(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        rule = f"the file is larger than {MAX_BYTES // 1024} kB"
        raise ScenarioError([Fault(file, None, "file", "", rule, "Split it or delete what is not needed.")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        rule = f"byte {error.start} is not UTF-8"
        raise ScenarioError([Fault(file, line, "file", "", rule, "Save the file as UTF-8.")]) from None
    found = _CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        rule = f"the control character U+{ord(found[0]):04X} is refused"
        raise ScenarioError([Fault(file, line, "file", "", rule, "Delete it; the file is plain text.")])
    return text


def read_document(path: str | Path) -> Document:
    """Return the document in a file.

    Raises
    ------
    ScenarioError
        When the file is missing, unreadable or unsafe.
    """
    path = Path(path)
    name = str(path)
    try:
        if not path.is_file():
            rule = "this is not a file" if path.exists() else "there is no such file"
            raise ScenarioError([Fault(shown(name), None, "file", "", rule, "Check the path.")])
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        why = getattr(error, "strerror", None) or "the path cannot be used"
        fault = Fault(shown(name), None, "file", "", f"the file cannot be read: {why}", "Check the path.")
        raise ScenarioError([fault]) from None
    return parse_document(data, name)


def plain_document(given: Mapping[str, Any], name: str) -> Document:
    """Return a document from a mapping of Python values, without line numbers.

    Raises
    ------
    ScenarioError
        When a key is not text, a value has a type that no file could give, or the nesting is too deep.
    """
    faults: list[Fault] = []
    data = _plain(given, (), name, faults)
    if faults:
        raise ScenarioError(faults)
    return Document(data, {}, name)


def _plain(value: Any, path: KeyPath, name: str, faults: list[Fault]) -> Any:
    def fault(rule: str, remedy: str) -> None:
        faults.append(Fault(name, None, dotted(path) or "mapping", shown(value), rule, remedy))

    if len(path) > MAX_DEPTH:
        rule = f"nested deeper than {MAX_DEPTH} levels"
        faults.append(Fault(name, None, dotted(path), "", rule, "No format of ours needs this depth."))
        return None
    if hasattr(value, "model_dump"):
        value = value.model_dump(mode="json", exclude_unset=True)
    elif hasattr(value, "tolist"):  # arrays and scalars of NumPy
        value = value.tolist()
    if isinstance(value, Mapping):
        if any(not isinstance(key, str) for key in value):
            fault("a key is text", "Put the key in quotes.")
            return None
        return {key: _plain(item, (*path, key), name, faults) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, (*path, i), name, faults) for i, item in enumerate(value)]
    if isinstance(value, str) and _CONTROL.search(value):
        fault("control characters are refused", "Delete them from the text.")
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    fault(f"a value of type {type(value).__name__} cannot be used", "Give numbers, text, lists and mappings.")
    return None
