"""Checkpoints: a run that is laid down at the end of a year and taken up later gives the same tables, byte for byte.

A checkpoint is a line of JSON (what it is, and the hash of what follows) and the state of the run. It is read back by
this very version of the model only, and only into plain data and records of this package: a file that names anything
else, or was changed, is refused.
"""

import hashlib
import json
import os
import zlib
from pathlib import Path

from transition_sim.core import plain_pickle
from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.core.provenance import model_hash
from transition_sim.model import TransitionModel
from transition_sim.scenarios.extensions import changed_since, used
from transition_sim.world.world import World

FORMAT = "checkpoint/1"
LARGEST_HEADER = 4096


def save_checkpoint(model: TransitionModel, path: str | Path) -> Path:
    """Write the state of a run, whole or not at all.

    Parameters
    ----------
    model : TransitionModel
        Between two quarters.
    path : path
        Replaced where it exists.
    """
    world, path = model.world, Path(path)
    body = zlib.compress(plain_pickle.dumps(world), 1)
    header = {
        "format": FORMAT, "place": world.scenario.place.id, "policy": world.scenario.policy_id, "seed": world.seed,
        "quarter": world.quarter, "scenario_hash": world.scenario.hash, "model_hash": model_hash(),
        "sha256": hashlib.sha256(body).hexdigest(),
        "extensions": [e.record() for e in used(world.scenario.extensions, world.scenario.levers)],
    }  # fmt: skip
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            stream.write(json.dumps(header).encode() + b"\n" + body)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def load_checkpoint(path: str | Path) -> TransitionModel:
    """Return a model that goes on where the checkpoint was written.

    Raises
    ------
    ScenarioError
        When the file is no checkpoint, was cut or changed, or belongs to another version of the model.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            line, body = stream.readline(LARGEST_HEADER), stream.read()
    except OSError as error:
        raise _refused(path, f"the file cannot be read ({error.strerror})", "Give the path of a checkpoint.") from None
    try:
        header = json.loads(line)
        kind = header["format"]
    except (ValueError, TypeError, KeyError):
        kind = None
    if kind != FORMAT:
        raise _refused(path, "this is no checkpoint", "Write one with 'transition-sim run PLACE --checkpoint'.")
    if hashlib.sha256(body).hexdigest() != header.get("sha256"):
        raise _refused(path, "the file was cut or changed since it was written", "Take a copy, or run anew.")
    if header.get("model_hash") != model_hash():
        rule = "it was written by another version of the model"
        raise _refused(path, rule, "Restart it with the version that wrote it, or run anew.")
    if stale := changed_since(header.get("extensions", ())):
        rule = f"it was written with {', '.join(stale)}, which is no longer installed as it was"
        raise _refused(path, rule, "Install what it was written with, or run anew.")
    try:
        world = plain_pickle.loads(zlib.decompress(body))
    except (zlib.error, *plain_pickle.UNREADABLE) as error:
        raise _refused(path, f"its content is not that of a run: {error}", "Run anew.") from None
    if not isinstance(world, World):
        raise _refused(path, "its content is not that of a run", "Run anew.")
    return TransitionModel(world)


def _refused(path: Path, rule: str, remedy: str) -> ScenarioError:
    return ScenarioError([Fault(str(path), None, "checkpoint", "", rule, remedy)])
