"""The command line over a copy of the tables: ``python -m tests.docs.with_tables FOLDER COMMAND ...``.

A how-to changes tables of the tree. The rules stay where they are, so that their compiled code is found in the cache.
"""

import sys
from pathlib import Path

from transition_sim.scenarios import table_reader


def main() -> None:
    """Read the tables of a folder in place of the package's, then do what the rest of the line says."""
    folder = Path(sys.argv[1])
    table_reader.package_data = lambda: folder  # before any other room has looked it up
    sys.argv = ["transition-sim", *sys.argv[2:]]
    from transition_sim.cli import main

    main()


if __name__ == "__main__":
    main()
