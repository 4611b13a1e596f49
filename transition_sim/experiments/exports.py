"""The tables of a study for other programs: CSV, Parquet, the long table of integrated assessment (IAMC), NetCDF."""

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from transition_sim.experiments.store import sync_folder
from transition_sim.experiments.tables import Results
from transition_sim.version import __version__
from transition_sim.world import columns

if TYPE_CHECKING:
    import xarray

IAMC_KEYS = ("Model", "Scenario", "Region", "Variable", "Unit")
# column -> (variable, unit, factor)
IAMC_VARIABLES = {
    "territorial_tco2": ("Emissions|CO2|Territorial", "Mt CO2/yr", 1e-6),
    "dual_control_tco2": ("Emissions|CO2|Dual Control", "Mt CO2/yr", 1e-6),
    "enterprise_scope1_tco2": ("Emissions|CO2|Enterprises|Direct", "Mt CO2/yr", 1e-6),
    "process_tco2": ("Emissions|CO2|Industrial Processes|Before Capture", "Mt CO2/yr", 1e-6),
    "captured_tco2": ("Carbon Capture", "Mt CO2/yr", 1e-6),
    "power_tco2": ("Emissions|CO2|Energy|Supply|Electricity", "Mt CO2/yr", 1e-6),
    "gdp_cny": ("GDP|MER", "billion CNY_2020/yr", 1e-9),
    "energy_coal_equivalent_tce": ("Energy Use|Coal Equivalent", "Mtce/yr", 1e-6),
    "electricity_mwh": ("Final Energy|Electricity", "TWh/yr", 1e-6),
}
FORMATS = ("csv", "parquet", "iamc", "netcdf")


def export(results: Results, form: str, folder: Path) -> list[Path]:
    """Write the tables into a folder, each whole or not at all; return the files.

    Raises
    ------
    ValueError
        When there is no such format.
    """
    if form not in FORMATS:
        raise ValueError(f"the formats are {', '.join(FORMATS)}, not {form!r}")
    folder.mkdir(parents=True, exist_ok=True)
    if form == "iamc":
        table = iamc_table(results)
        if faults := iamc_faults(table):
            raise ValueError("the IAMC table is not sound: " + "; ".join(faults))
        return [_written(folder / "iamc.csv", partial(table.to_csv, index=False))]
    if form == "netcdf":
        return [_written(folder / "study.nc", lambda path: dataset(results).to_netcdf(path, engine="scipy"))]
    made = []
    for name in ("runs", "annual"):
        source = results.folder / "tables" / f"{name}.parquet"
        if form == "parquet":
            made.append(_written(folder / f"{name}.parquet", partial(shutil.copyfile, source)))
        else:
            made.append(_written(folder / f"{name}.csv", partial(pd.read_parquet(source).to_csv, index=False)))
    return made


def _written(path: Path, write: Callable[[Path], object]) -> Path:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(part)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return path


def dataset(results: Results) -> "xarray.Dataset":
    """Return the finished runs as labelled arrays: measures by run, annual columns by run and year, with units.

    What a run was asked (place, policy, variant, point, replicate, seed, factors) are coordinates of ``run``.
    """
    import xarray

    study, done = results.study, results.done
    units = {c.name: (c.unit, c.en) for c in columns.PLACE}
    asked = ("place", "variant", "policy", "point", "replicate", "seed", *(f.key for f in study.factors))
    coordinates: dict[str, Any] = {"run": done["run"].to_numpy(), "year": list(study.years)}
    for name in asked:
        values = done[name].to_numpy()
        coordinates[name] = ("run", values.astype(str) if values.dtype == object else values)
    data = {m.key: ("run", done[m.key].to_numpy(dtype=float), {"units": m.unit, "long_name": m.en})
            for m in study.measures}  # fmt: skip
    for name in study.columns:
        unit, meaning = units[name]
        values = results.annual(name).loc[done.index].to_numpy()
        data[f"annual_{name}"] = (("run", "year"), values, {"units": unit, "long_name": meaning})  # type: ignore[assignment]
    attributes = {"title": study.spec.id, "model": f"transition_sim {__version__}", "study_hash": study.hash}
    return xarray.Dataset(data, coordinates, attributes)


def iamc_table(results: Results) -> pd.DataFrame:
    """Return a row a finished run and variable, a column a year."""
    study, done = results.study, results.done
    declared = {c.name: c for c in columns.PLACE}
    scenario = [
        "|".join([row.policy, row.variant, f"point {row.point}", f"seed {row.seed}"])
        for row in done[["policy", "variant", "point", "seed"]].itertuples()
    ]
    parts = []
    for name in study.columns:
        variable, unit, factor = IAMC_VARIABLES.get(name, (f"Transition|{name}", _unit(declared[name]), 1.0))
        values = results.annual(name).loc[done.index] * factor
        keys = pd.DataFrame(
            {"Model": f"transition_sim {__version__}", "Scenario": scenario, "Region": done["place"].to_numpy(),
             "Variable": variable, "Unit": unit}
        )  # fmt: skip
        parts.append(pd.concat([keys, values.reset_index(drop=True)], axis=1))
    return pd.concat(parts, ignore_index=True)


def _unit(column: columns.Column) -> str:
    """Return a unit as the format writes it: a sum over a year is a flow, a stock or a state is none."""
    unit = {"-": "", "tCO2": "t CO2", "tCO2e": "t CO2e", "CNY": "CNY_2020"}.get(column.unit, column.unit)
    return f"{unit}/yr" if unit and column.annual == "sum" else unit


def iamc_faults(table: pd.DataFrame) -> list[str]:
    """Return what readers of the format would drop or refuse: missing keys, repeats, numbers that are none."""
    faults = []
    if list(table.columns[: len(IAMC_KEYS)]) != list(IAMC_KEYS):
        return [f"the first columns are {', '.join(IAMC_KEYS)}"]
    if not all(isinstance(c, int | np.integer) for c in table.columns[len(IAMC_KEYS) :]):
        faults.append("the other columns are years")
    for key in IAMC_KEYS[:4]:
        if (table[key].astype(str).str.strip() == "").any():
            faults.append(f"{key} is empty in some rows")
    if table.duplicated(list(IAMC_KEYS)).any():
        faults.append("rows are repeated")
    if not np.isfinite(table[list(table.columns[len(IAMC_KEYS) :])].to_numpy(dtype=float)).all():
        faults.append("some values are no finite numbers")
    if (table.groupby("Variable")["Unit"].nunique() > 1).any():
        faults.append("a variable has several units")
    return faults
