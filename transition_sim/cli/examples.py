"""What a reader of ``--help`` can type as it stands: one or more commands for each command."""

_EXAMPLES: dict[str, tuple[str, ...]] = {
    "": (
        "run guangan_city",
        "compare guangan_city --policy none --policy current",
        "scoreboard guangan_city --lang zh",
    ),
    "run": (
        "run guangan_city --policy ambitious --out result",
        "run guangan_city --set levers.capex_subsidy_share=0.2 --until 2030 --lang zh",
        "run minimal --shock summer_drought --seed 7",
    ),
    "compare": (
        "compare guangan_city --policy none --policy current",
        "compare chem_park --policy current --policy ambitious --replicates 50 --out table.csv",
    ),
    "scoreboard": (
        "scoreboard guangan_city --figure targets.png",
        "scoreboard sichuan_17_pilots --policy ambitious --replicates 5 --lang zh",
    ),
    "evaluate": ("evaluate guangan_city --year 2025", "evaluate guangan_city --year 2026 --lang zh --out report.md"),
    "check": ("check my_place.yaml",),
    "ui": ("ui", "ui --place chem_park --lang zh --port 8080"),
    "places": ("places", "places show chem_park --lang zh"),
    "policies": ("policies --lang zh",),
    "shocks": ("shocks drought",),
    "channels": ("channels price",),
    "levers": ("levers subsidy", "levers --json"),
    "extensions": ("extensions",),
    "indicators": ("indicators peak",),
    "measures": ("measures peak",),
    "parameters": ("parameters SM08", "parameters hurdle --lang zh"),
    "technologies": ("technologies CLINKER",),
    "clauses": ("clauses guangan --lang zh", "clauses L01"),
    "sectors": ("sectors",),
    "park-test": (
        "park-test yibin_east_park --year 2030 --figure parks.png",
        "park-test sichuan_17_pilots --replicates 5 --lang zh",
    ),
    "studies": ("studies --lang zh",),
    "study": ("study run q1_levers --out q1", "study status q1"),
    "study run": (
        "study run q1_levers --out q1",
        "study run q1_levers --place minimal --until 2022 --replicates 2 --dry-run",
    ),
    "study status": ("study status q1",),
    "study resume": ("study resume q1 --workers 2",),
    "study retry-failed": ("study retry-failed q1",),
    "study verify": ("study verify q1 --runs 5",),
    "study export": ("study export q1 --format iamc",),
    "analyse": (
        "analyse tornado q1",
        "analyse ensemble q1 --column gdp_cny --lang zh",
        "analyse discovery my_sweep --measure peak_year_dual_control --above 2030",
    ),
    "report": ("report q1 --lang zh",),
    "restart": ("restart half.checkpoint --out rest",),
    "search": (
        "search examples/levers.yaml --aim cumulative_dual_control_mtco2 --aim fiscal_net_cost_m_cny --out front",
    ),
    "calibrate": ("calibrate examples/calibration.yaml --observed examples/observed.yaml --out fit",),
    "patterns": ("patterns --seeds 5 --out patterns", "patterns --place chem_park --no-nulls --lang zh"),
    "fit-patterns": ("fit-patterns C2 --samples 48 --out C2",),
}


def commands(name: str) -> tuple[str, ...]:
    """Return the examples of a command, each as it is typed."""
    return tuple(f"transition-sim {example}" for example in _EXAMPLES[name])


def epilog(name: str) -> str:
    """Return what stands below the help of a command: each example on a line of its own."""
    return "\n\n".join(["Examples:", *commands(name)])
