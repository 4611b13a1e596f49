"""Writes a result to a folder: all or nothing, never over an older result unless told to."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.evaluation_report import write_evaluations
from transition_sim.results import RunResult
from transition_sim.summary import summary


def check_writable(folder: Path, option: str = "--out", remedy: str = "Choose another folder.") -> None:
    """Refuse a folder in which, or for which, nothing can be written, before any work is done.

    Raises
    ------
    ScenarioError
    """
    nearest = next((path for path in (folder.absolute(), *folder.absolute().parents) if path.exists()), folder)
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        raise ScenarioError([Fault(str(folder), None, option, "", f"nothing can be written in {nearest}", remedy)])


def check_target(folder: Path, force: bool) -> None:
    """Refuse a folder that exists, before any work is done.

    Raises
    ------
    ScenarioError
        When the folder exists and ``force`` is not given, when it is a file or holds anything but a result, or when
        nobody may write there.
    """
    rule, remedy = "", "Choose another folder."
    nearest = next((parent for parent in folder.absolute().parents if parent.exists()), folder)
    if folder.exists() and not folder.is_dir():
        rule = "the output path is a file"
    elif folder.exists() and any(folder.iterdir()) and not (folder / "manifest.json").is_file():
        rule = "the folder exists and holds something other than a result"
    elif folder.exists() and not force:
        rule, remedy = "the output folder exists already", "Choose another folder, or give --force to replace it."
    elif not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        rule = f"nothing can be written in {nearest}"
    if rule:
        raise ScenarioError([Fault(str(folder), None, "--out", "", rule, remedy)])


def write_result(
    result: RunResult, folder: Path, force: bool = False, figure: bool = True, is_chinese: bool = False
) -> Path:
    """Write tables (Parquet and CSV), summary, manifest, resolved scenario, figure and supply chain.

    Everything goes into a hidden folder beside the target first and is renamed at the end: an interrupted run leaves
    no half-written result.

    Parameters
    ----------
    result : RunResult
    folder : Path
    force : bool
        Replace an existing folder.
    figure : bool
        Draw ``overview.png``.
    is_chinese : bool
        Its words are Chinese.

    Raises
    ------
    ScenarioError
        When the folder exists and ``force`` is not given.
    """
    folder = Path(folder).absolute()
    check_target(folder, force)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _write_all(result, work, figure, is_chinese)
        _swap(work, folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return folder


def _write_all(result: RunResult, work: Path, figure: bool, is_chinese: bool) -> None:
    for name, frame in {**result.tables(), "decisions": result.decisions}.items():
        frame.to_parquet(work / f"{name}.parquet", index=False)
        if name != "decisions":
            frame.to_csv(work / f"{name}.csv", index=False)
    write_json(work / "summary.json", summary(result))
    write_json(work / "manifest.json", result.manifest)
    write_evaluations(result, work / "evaluation")
    scenario = yaml.safe_dump(result.scenario.resolved(), allow_unicode=True, sort_keys=False, width=120)
    (work / "scenario.yaml").write_text(scenario, encoding="utf-8")
    write_json(work / "origins.json", {str(k): str(v) for k, v in result.scenario.origins.items()})
    if result.supply_graph is not None:
        import networkx as nx

        nx.write_graphml(result.supply_graph(), work / "supply_chain.graphml")
    if figure:
        from transition_sim.figures import draw_overview

        draw_overview(result, work / "overview.png", is_chinese)


def _swap(work: Path, folder: Path) -> None:
    old = None
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
        os.replace(folder, old / "kept")
    os.chmod(work, 0o755)
    try:
        os.replace(work, folder)
    except BaseException:
        if old is not None:
            os.replace(old / "kept", folder)
            old.rmdir()
        raise
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)


def write_json(path: Path, content: Any) -> None:
    """Write JSON with NumPy scalars as numbers and nan as null."""
    path.write_text(json.dumps(_plain(content), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, pd.Timestamp | Path):
        return str(value)
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
