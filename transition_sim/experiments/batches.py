"""Points that a search or a calibration asks for, run as small studies, so that both survive what studies do.

Each batch is a study of a list of points in a folder below; asked again for the same points, it finds its shards.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.experiments.analyses.finding import cube
from transition_sim.experiments.driver import run_study
from transition_sim.experiments.pools import Pool, Work, make_pool
from transition_sim.experiments.study import Study, load_study
from transition_sim.experiments.tables import read_results

OnBatch = Callable[[str, int, int], None]
"""(what is run, batches done, batches in all)."""
FRESH_SEEDS = 1_000_000
"""Distance of the seeds of a second look from those of the study."""


class NoAnswer(Exception):
    """The runs were done, and no answer follows from them; what was run is kept."""


@dataclass(frozen=True, eq=False)
class Batches:
    """Runs points of a study of one context.

    Attributes
    ----------
    study : Study
        Gives place, policy, factors, replicates and seeds; its own design is left aside.
    folder : Path
    workers : int, optional
    pool, work : optional
        Of tests.
    """

    study: Study
    folder: Path
    workers: int | None = None
    pool: Pool | None = None
    work: Work | None = None

    def __post_init__(self) -> None:
        study = self.study
        if len(study.contexts) != 1:
            rule = f"this needs one place under one policy; the study has {len(study.contexts)} cases"
            raise ScenarioError([Fault(study.spec.id, None, "places", "", rule, "Keep one of each, and no variants.")])
        if not study.factors or any(f.kind == "part" for f in study.factors):
            rule = "this needs levers or parameters with ranges, and no parts"
            remedy = "Add 'levers:' or 'parameters:'; delete 'parts:'."
            raise ScenarioError([Fault(study.spec.id, None, "levers", "", rule, remedy)])

    def run(self, name: str, points: np.ndarray, fresh: bool = False, replicates: int | None = None) -> dict[str, Any]:
        """Return measure -> values, shape (n_points, n_replicates), nan where a run came to no end.

        Parameters
        ----------
        name : str
            Of the batch, a folder below.
        points : ndarray, shape (n_points, n_factors)
            In the units of the factors.
        fresh : bool
            With seeds that the study does not use.
        replicates : int, optional
        """
        spec = self.study.spec.model_dump(mode="json", exclude_unset=True)
        keys = [f.key for f in self.study.factors]
        listed = [dict(zip(keys, map(float, row), strict=True)) for row in points]
        spec["design"] = {"kind": "list", "points": listed}
        spec["replicates"] = replicates or self.study.spec.replicates
        spec["seed"] = self.study.spec.seed + (FRESH_SEEDS if fresh else 0)
        folder = self.folder / name
        # processes are started for each batch: the second and later ones find compiled rules
        pool = self.pool or make_pool(self.workers, None)
        run_study(load_study(spec), folder, pool=pool, work=self.work)
        results = read_results(folder)
        return {m.key: cube(results, m.key)[0] for m in results.study.measures}
