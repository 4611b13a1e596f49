"""What a city is beside its enterprises: vehicles, buildings, waste, land, people (SM20, SM21, SM22, SM26)."""
