"""A run laid down and taken up again equals a run in one go, byte for byte; a file that was touched is refused."""

import io
import json
import pickle
import zlib

import numpy as np
import pytest

import transition_sim as ts
from transition_sim import checkpoint
from transition_sim.core.errors import ScenarioError


def tables_of(result):
    return {name: table.to_csv() for name, table in result.tables().items()}


@pytest.fixture(scope="module")
def laid_down(tmp_path_factory):
    """The city under its plan, laid down after six quarters, with the tables of the run in one go."""
    scenario = ts.load_scenario("minimal", policy="current", end_year=2024)
    model = ts.build_model(scenario, seed=3)
    for _ in range(6):
        model.step()
    path = checkpoint.save_checkpoint(model, tmp_path_factory.mktemp("c") / "half.checkpoint")
    return path, tables_of(ts.run(scenario, seed=3))


def test_the_rest_of_the_run_is_the_same(laid_down):
    path, whole = laid_down
    model = ts.load_checkpoint(path)
    assert model.quarter == 6
    assert tables_of(model.run()) == whole


def test_the_city_from_2027(tmp_path):
    scenario = ts.load_scenario("guangan_city", policy="ambitious", end_year=2029)
    model = ts.build_model(scenario, seed=1)
    while model.quarter < 8 * 4:
        model.step()
    restarted = ts.load_checkpoint(ts.save_checkpoint(model, tmp_path / "2027.checkpoint")).run()
    assert tables_of(restarted) == tables_of(model.run())


def record_types(part, seen):
    """Return the record types of all tables below a part of a world, by what they are equal to."""
    if id(part) in seen or isinstance(part, type):
        return {}
    seen.add(id(part))
    if isinstance(part, np.ndarray):
        return {part.dtype: part.dtype} if part.dtype.names else {}
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, (list, tuple)) else ()
    found = {}
    for one in (*inner, *vars(part).values()) if hasattr(part, "__dict__") else inner:
        found |= record_types(one, seen)
    return found


def test_record_types_are_those_of_the_process(laid_down):
    """Compiled rules know a type at a glance where it is the same object; a run taken up took half as long again."""
    restarted = ts.load_checkpoint(laid_down[0]).world
    model = ts.build_model(restarted.scenario, seed=3)
    for _ in range(6):
        model.step()
    straight = model.world
    own, read = (record_types(world, set()) for world in (straight, restarted))
    assert len(own) > 15
    assert own.keys() == read.keys()
    assert [dtype for dtype in own if own[dtype] is not read[dtype]] == []


def test_a_checkpoint_can_be_taken_up_twice(laid_down):
    path, whole = laid_down
    first, second = ts.load_checkpoint(path), ts.load_checkpoint(path)
    first.step()
    assert second.quarter == 6
    assert tables_of(second.run()) == whole


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda data: data[:-5], "cut or changed"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "cut or changed"),
        (lambda data: b"place: minimal\n", "no checkpoint"),
        (lambda data: b"", "no checkpoint"),
        (lambda data: b"[1]\n" + data, "no checkpoint"),
    ],
)
def test_a_file_that_was_touched_is_refused(laid_down, tmp_path, spoil, rule):
    path = tmp_path / "spoilt"
    path.write_bytes(spoil(laid_down[0].read_bytes()))
    with pytest.raises(ScenarioError, match=rule):
        ts.load_checkpoint(path)


def test_another_version_is_refused(laid_down, monkeypatch):
    monkeypatch.setattr(checkpoint, "model_hash", lambda: "other")
    with pytest.raises(ScenarioError, match="another version of the model"):
        ts.load_checkpoint(laid_down[0])


class Bomb:
    def __reduce__(self):
        return (print, ("this must never be printed",))


class OddType(pickle.Pickler):
    """Says of the text ``odd`` that it is a record type, with fields that none can have."""

    def persistent_id(self, obj):
        return ([("a", "no such type", (), 0)], 8, True) if obj == "odd" else None


def odd_type():
    stream = io.BytesIO()
    OddType(stream, protocol=5).dump(["odd"])
    return stream.getvalue()


@pytest.mark.parametrize("content", [pickle.dumps(c) for c in (Bomb(), {"a": 1}, [Bomb()])] + [odd_type()])
def test_a_file_that_asks_for_more_than_data_is_refused(laid_down, tmp_path, content, capsys):
    import hashlib

    body = zlib.compress(content)
    header = json.loads(laid_down[0].read_bytes().split(b"\n", 1)[0]) | {"sha256": hashlib.sha256(body).hexdigest()}
    path = tmp_path / "bomb"
    path.write_bytes(json.dumps(header).encode() + b"\n" + body)
    with pytest.raises(ScenarioError, match="not that of a run"):
        ts.load_checkpoint(path)
    assert "printed" not in capsys.readouterr().out


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match="cannot be read"):
        ts.load_checkpoint(tmp_path / "nothing")
