"""The terminal door: ``transition-sim run | compare | check | places | policies | levers | ...``."""

import signal
import sys
from typing import Any, NoReturn

INTERRUPTED = 130
TERMINATED = 143


class Interruption:
    """Answers signals, and remembers what came: a compiler that is interrupted fails with errors of its own."""

    def __init__(self) -> None:
        self.status = 0

    def __call__(self, number: int, _: Any) -> NoReturn:
        self.status = INTERRUPTED if number == signal.SIGINT else TERMINATED
        raise KeyboardInterrupt


def main() -> None:
    """Run the command line; Ctrl-C and a polite kill unwind, so that nothing half-written stays."""
    interruption = Interruption()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interruption)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        from transition_sim.cli.app import app

        app()
    except KeyboardInterrupt:
        sys.exit(interruption.status or INTERRUPTED)
    except SystemExit:
        if not interruption.status:
            raise
        sys.exit(interruption.status)
    except Exception:
        if not interruption.status:
            raise
        print("Interrupted. Nothing was written.", file=sys.stderr)
        sys.exit(interruption.status)
