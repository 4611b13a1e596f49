"""The research-object record (RO-Crate 1.1) of a study: which files there are, what made them, under which licence."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from transition_sim.experiments.store import Store, write_text
from transition_sim.experiments.tables import Results

RECORD = "ro-crate-metadata.json"
LICENCE = "https://spdx.org/licenses/Apache-2.0"
_FORMATS = {
    ".parquet": "application/vnd.apache.parquet", ".json": "application/json", ".csv": "text/csv",
    ".png": "image/png", ".html": "text/html",
}  # fmt: skip
_LISTED = ("study.json", "manifest.json", "tables/*.parquet", "analyses/*", "report*.html", "export/*")


def write_crate(results: Results) -> Path:
    """Write ``ro-crate-metadata.json`` into the folder of a study."""
    path = results.folder / RECORD
    write_text(path, json.dumps(crate(results), ensure_ascii=False, indent=2) + "\n")
    return path


def crate(results: Results) -> dict[str, Any]:
    """Return the record as plain data."""
    spec, manifest = results.study.spec, Store(results.folder).manifest()
    files = [_file(path, results.folder) for path in listed(results.folder)]
    software = f"#transition_sim-{manifest['version']}"
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": spec.name.en if spec.name else spec.id,
        "description": spec.description.en if spec.description else f"Study {spec.id}",
        "datePublished": datetime.now(UTC).date().isoformat(),
        "license": {"@id": LICENCE},
        "identifier": manifest["study_hash"],
        "hasPart": [{"@id": f["@id"]} for f in files],
        "mentions": [{"@id": "#runs"}],
    }
    action = {
        "@id": "#runs",
        "@type": "CreateAction",
        "name": " ".join(manifest["command"]) or "run_study",
        "instrument": {"@id": software},
        "object": [{"@id": "study.json"}],
        "result": [{"@id": f["@id"]} for f in files if f["@id"].startswith("tables/")],
    }
    tool = {
        "@id": software,
        "@type": "SoftwareApplication",
        "name": "transition_sim",
        "softwareVersion": manifest["version"],
        "softwareRequirements": f"Python {manifest['python']}",
        "identifier": manifest["model_hash"],
        "license": {"@id": LICENCE},
    }
    licence = {"@id": LICENCE, "@type": "CreativeWork", "name": "Apache License 2.0"}
    described = {
        "@id": RECORD,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
    }
    return {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [described, root, *files, action, tool, licence],
    }


def listed(folder: Path) -> list[Path]:
    """Return the files of a study that a reader wants; shards are left out, the tables hold them all."""
    found = [path for pattern in _LISTED for path in sorted(folder.glob(pattern)) if path.is_file()]
    return [path for path in found if not path.name.startswith(".")]


def _file(path: Path, folder: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {
        "@id": path.relative_to(folder).as_posix(),
        "@type": "File",
        "encodingFormat": _FORMATS.get(path.suffix, "application/octet-stream"),
        "contentSize": str(len(data)),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
