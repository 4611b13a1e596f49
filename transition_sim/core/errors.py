"""The errors of the house: a user's mistake, a broken identity, and a rule of another package that went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One mistake in the input: where it stands, what was found, which rule it breaks, how to mend it."""

    file: str
    line: int | None
    field: str
    value: str
    rule: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        shown = f" = {self.value}" if self.value else ""
        return f"{place}: {self.field}{shown}: {self.rule}. {self.remedy}"


class ScenarioError(ValueError):
    """A user's input cannot be used; carries every fault found, never only the first.

    Attributes
    ----------
    faults : tuple of Fault
    """

    def __init__(self, faults: Sequence[Fault]):
        if not faults:
            raise ValueError("a ScenarioError needs at least one fault")
        self.faults = tuple(faults)
        n = len(self.faults)
        super().__init__(f"{n} fault{'s' if n > 1 else ''}:\n" + "\n".join(f"  {f}" for f in self.faults))


class ConservationError(ArithmeticError):
    """An accounting identity does not close: the run stops, because no number after it could be trusted.

    Attributes
    ----------
    identity : str
        Id and name, such as ``B08 money``.
    residual : float
        Largest absolute residual, in ``unit``.
    quarter : str
        Label such as ``2027Q3``.
    worst : sequence of (str, float)
        The rows with the largest residuals.
    """

    def __init__(
        self, identity: str, residual: float, unit: str, quarter: str, worst: Sequence[tuple[str, float]] = ()
    ):
        self.identity, self.residual, self.unit, self.quarter, self.worst = identity, residual, unit, quarter, worst
        rows = "; ".join(f"{name}: {value:.6g}" for name, value in worst)
        super().__init__(
            f"{identity} is broken in {quarter}: residual {residual:.6g} {unit}" + (f" ({rows})" if rows else "")
        )


class ExtensionError(RuntimeError):
    """A rule or lever of another package went wrong while a run was under way: the run stops.

    Attributes
    ----------
    maker : str
        Package and version.
    what : str
    """

    def __init__(self, maker: str, what: str):
        self.maker, self.what = maker, what
        super().__init__(f"extension of {maker}: {what}")
