"""The terminal door: ``transition-sim run | compare | check | places | policies | levers | ...``."""

import signal
import sys

INTERRUPTED = 130
TERMINATED = 143


def main() -> None:
    """Run the command line; Ctrl-C and a polite kill unwind, so that nothing half-written stays."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        from transition_sim.cli.app import app

        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
