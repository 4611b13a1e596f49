"""``python -m transition_sim``: the terminal door."""

from transition_sim.cli import main

if __name__ == "__main__":
    main()
