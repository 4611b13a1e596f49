"""Green certificates and the residual mix: every renewable MWh is claimed at most once (SM14, B06, B07).

One certificate stands for one MWh. Certificates of one vintage quarter and seller are all alike, so the ledger counts
them and needs no numbers on them: issued, then traded once, then claimed or expired. Each of these steps moves a count
from one column to the next, so nothing can be traded or claimed twice. Counts are integers; the fraction of a MWh that
is left when certificates are issued is carried to the next issue. The market trades in whole MWh, so trades and claims
arrive whole, and market-based scope 2 uses the claimed whole MWh.
"""

from math import floor, isfinite

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.kernels import compiled, entered, lean

LIFE_QUARTERS = 8


@lean
def _is_whole(mwh):
    return mwh >= 0.0 and mwh == np.floor(mwh) and mwh < np.inf


@compiled
def _issue(metered_mwh, carried_mwh, offered, slot):
    """Put whole certificates for metered MWh on offer and keep the fractions; return them by seller and in all."""
    for amount in metered_mwh:
        if not 0.0 <= amount < np.inf:
            raise ValueError("metered generation must be finite and not negative")
    counts, total = np.empty(metered_mwh.size, np.int64), 0
    for j in range(metered_mwh.size):
        whole = np.floor(metered_mwh[j])
        fraction = carried_mwh[j] + (metered_mwh[j] - whole)
        extra = np.floor(fraction)
        carried_mwh[j] = fraction - extra
        counts[j] = int(whole + extra)
        offered[slot, j] += counts[j]
        total += counts[j]
    return counts, total


@entered
def _expire(offered, held, own, slot):
    """Empty the place of a vintage in all bags and return how many certificates were in it."""
    expired = held[slot] + own[slot]
    held[slot] = own[slot] = 0
    for j in range(offered.shape[1]):
        expired += offered[slot, j]
        offered[slot, j] = 0
    return expired


_SOLD, _FRACTION, _MORE_POWER, _MORE_CERTIFICATES = range(4)
_REFUSALS = {
    _FRACTION: "trades must be whole certificates, zero or more",
    _MORE_POWER: "a seller sold more green power than it has untraded certificates of this quarter",
    _MORE_CERTIFICATES: "a seller sold more certificates than it has untraded: each is traded once",
}


@entered
def _count(offered, held, own):
    """Return how many certificates the three bags hold, and the lowest count in any place of them, at most 0."""
    total = lowest = 0
    for vintage in range(held.size):
        for j in range(offered.shape[1]):
            total += offered[vintage, j]
            lowest = min(lowest, offered[vintage, j])
        total += held[vintage] + own[vintage]
        lowest = min(lowest, held[vintage], own[vintage])
    return total, lowest


@lean
def _verdict_on_trade(bundled_mwh, bare_mwh, offered, slot):
    for j in range(bundled_mwh.size):
        if not (_is_whole(bundled_mwh[j]) and _is_whole(bare_mwh[j])):
            return _FRACTION
        if bundled_mwh[j] > offered[slot, j]:
            return _MORE_POWER
        if bundled_mwh[j] + bare_mwh[j] > offered[:, j].sum():
            return _MORE_CERTIFICATES
    return _SOLD


@entered
def _hand_over(bundled_mwh, bare_mwh, offered, held, slot):
    """Move certificates from sellers to buyers, bare ones oldest first; return (verdict, how many)."""
    verdict = _verdict_on_trade(bundled_mwh, bare_mwh, offered, slot)
    if verdict != _SOLD:
        return verdict, 0
    count = 0
    life = held.size
    for j in range(bundled_mwh.size):
        bundled, left = int(bundled_mwh[j]), int(bare_mwh[j])
        count += bundled + left
        offered[slot, j] -= bundled
        held[slot] += bundled
        for age in range(life):
            vintage = (slot + 1 + age) % life
            sold = min(left, offered[vintage, j])
            offered[vintage, j] -= sold
            held[vintage] += sold
            left -= sold
    return _SOLD, count


@entered
def _retire_oldest(column, slot, count):
    """Take certificates out of a column, oldest vintage first, if it has so many; return how many it had."""
    is_open = 0
    for vintage in range(column.size):
        is_open += column[vintage]
    if count <= is_open:
        for age in range(column.size):
            vintage = (slot + 1 + age) % column.size
            taken = min(count, column[vintage])
            column[vintage] -= taken
            count -= taken
    return is_open


class CertificateLedger:
    """Counts of certificates by vintage quarter, with their sellers.

    Parameters
    ----------
    n_sellers : int
        Rows of renewable generators that receive certificates.
    life_quarters : int
        A certificate of quarter v can be used up to quarter v + life - 1.

    Attributes
    ----------
    issued, traded, claimed, expired : int
        Totals since the start; ``traded`` counts trades, ``claimed`` includes own use.
    """

    def __init__(self, n_sellers: int = 1, life_quarters: int = LIFE_QUARTERS):
        if n_sellers < 0 or life_quarters < 1:
            raise ValueError("a certificate ledger needs zero or more sellers and a life of at least one quarter")
        self.life_quarters = life_quarters
        self.issued = self.traded = self.claimed = self.expired = 0
        self._quarter: int | None = None
        self._carried_mwh = np.zeros(n_sellers)
        self._own_carried_mwh = 0.0
        # by vintage, modulo life: with their sellers, with buyers, and for own use
        self._offered = np.zeros((life_quarters, n_sellers), np.int64)
        self._held = np.zeros(life_quarters, np.int64)
        self._own = np.zeros(life_quarters, np.int64)

    @property
    def open(self) -> int:
        """Issued, neither claimed nor expired."""
        return _count(self._offered, self._held, self._own)[0]

    @property
    def tradable(self) -> np.ndarray:
        """Certificates that each seller can still sell, shape (n_sellers,)."""
        return self._offered.sum(axis=0)

    @property
    def held(self) -> int:
        """Traded once and not yet claimed or expired."""
        return int(self._held.sum())

    @property
    def own_use(self) -> int:
        """Non-tradable, not yet claimed or expired."""
        return int(self._own.sum())

    def open_quarter(self, quarter: int) -> int:
        """Begin a quarter, let old vintages expire, and return how many did.

        Raises
        ------
        ValueError
            When the quarter lies before the last one.
        """
        if self._quarter is not None and quarter < self._quarter:
            raise ValueError(f"certificates of quarter {self._quarter} exist: quarter {quarter} is over")
        first = quarter if self._quarter is None else self._quarter + 1
        before = self.expired
        for arriving in range(max(first, quarter - self.life_quarters + 1), quarter + 1):
            slot = arriving % self.life_quarters
            self.expired += _expire(self._offered, self._held, self._own, slot)
        self._quarter = quarter
        return self.expired - before

    def issue(self, metered_mwh: np.ndarray) -> np.ndarray:
        """Issue certificates for the metered generation of each seller this quarter; fractions are carried.

        Returns
        -------
        ndarray of i8, shape (n_sellers,)
            Whole certificates; never fewer than the whole MWh metered.
        """
        slot = self._slot()
        metered_mwh = np.asarray(metered_mwh, dtype=float)
        if metered_mwh.shape != self._carried_mwh.shape:
            raise ValueError(f"generation of {self._carried_mwh.size} sellers is needed, not shape {metered_mwh.shape}")
        counts, total = _issue(metered_mwh, self._carried_mwh, self._offered, slot)
        self.issued += total
        return counts

    def issue_own_use(self, used_mwh: float) -> int:
        """Issue non-tradable certificates for roof PV used on site; fractions are carried."""
        slot = self._slot()
        if not (isfinite(used_mwh) and used_mwh >= 0):
            raise ValueError(f"own use must be finite and not negative, not {used_mwh!r}")
        self._own_carried_mwh += used_mwh
        count = floor(self._own_carried_mwh)
        self._own_carried_mwh -= count
        self._own[slot] += count
        self.issued += count
        return count

    def trade(self, bundled_mwh: np.ndarray, unbundled_mwh: np.ndarray) -> int:
        """Move certificates from sellers to buyers and return how many: the only trade in their life.

        Parameters
        ----------
        bundled_mwh : ndarray, shape (n_sellers,)
            Sold with this quarter's power: of this quarter's vintage.
        unbundled_mwh : ndarray, shape (n_sellers,)
            Sold without power: oldest vintage first.

        Raises
        ------
        ValueError
            For fractions, negative counts, or more than a seller holds; the ledger is left as it was.
        """
        slot = self._slot()
        bundled, bare = np.asarray(bundled_mwh, dtype=float), np.asarray(unbundled_mwh, dtype=float)
        if bundled.shape != self._carried_mwh.shape or bare.shape != self._carried_mwh.shape:
            raise ValueError(f"trades of {self._carried_mwh.size} sellers are needed")
        verdict, count = _hand_over(bundled, bare, self._offered, self._held, slot)
        if verdict != _SOLD:
            raise ValueError(_REFUSALS[verdict])
        self.traded += count
        return count

    def claim(self, mwh: float) -> None:
        """Retire traded certificates, oldest first; each can be claimed once.

        Raises
        ------
        ValueError
            For fractions or more than was traded and is still open.
        """
        self._retire(self._held, mwh, "traded certificates")

    def claim_own_use(self, mwh: float) -> None:
        """Retire non-tradable certificates of own use, oldest first."""
        self._retire(self._own, mwh, "certificates of own use")

    def check(self, quarter: str) -> None:
        """Check that issued = open + claimed + expired, exactly, and that no column is negative (B07).

        Raises
        ------
        ConservationError
        """
        is_open, lowest = _count(self._offered, self._held, self._own)
        residual = self.issued - (is_open + self.claimed + self.expired)
        if residual != 0 or lowest < 0:
            rows = [("open", is_open), ("claimed", self.claimed), ("expired", self.expired), ("lowest count", lowest)]
            raise ConservationError("B07 certificates", float(residual or lowest), "certificates", quarter, rows)

    def _slot(self) -> int:
        if self._quarter is None:
            raise ValueError("open a quarter before certificates are issued, traded or claimed")
        return self._quarter % self.life_quarters

    def _retire(self, column: np.ndarray, mwh: float, name: str) -> None:
        slot = self._slot()
        if not (mwh >= 0 and float(mwh).is_integer()):
            raise ValueError(f"a claim must be whole certificates, zero or more, not {mwh!r}")
        count = int(mwh)
        is_open = _retire_oldest(column, slot, count)
        if count > is_open:
            raise ValueError(f"a claim of {count} exceeds the {is_open} {name} that are open")
        self.claimed += count


def residual_factor(grid_tco2: float, grid_mwh: float, claimed_mwh: float) -> float:
    """Return the emission factor of grid power that nobody claimed, tCO2/MWh (SM14, A15).

    Parameters
    ----------
    grid_tco2 : float
        Emissions of the power supplied, >= 0.
    grid_mwh : float
        Power supplied to all users, claimed green power included, > 0 unless nothing is emitted.
    claimed_mwh : float
        Claimed by certificates, 0 to ``grid_mwh``.

    Raises
    ------
    ValueError
        When more is claimed than supplied, or nothing is left to carry the emissions.
    """
    if grid_tco2 < 0 or grid_mwh < 0 or not 0 <= claimed_mwh <= grid_mwh:
        raise ValueError(
            f"a residual mix needs emissions >= 0 and 0 <= claimed <= supplied, "
            f"not {grid_tco2:g} tCO2, {claimed_mwh:g} of {grid_mwh:g} MWh"
        )
    if claimed_mwh < grid_mwh:
        return grid_tco2 / (grid_mwh - claimed_mwh)
    if grid_tco2 > 0:
        raise ValueError(f"all {grid_mwh:g} MWh are claimed: nobody is left to carry {grid_tco2:g} tCO2")
    return 0.0


@lean
def market_based_scope2(use_mwh, claimed_mwh, factor_tco2_per_mwh):
    """Return market-based scope 2 of a user, tCO2: claimed MWh at zero, the rest at the residual factor (SM14).

    Raises
    ------
    ValueError
        When a user claims more than it uses.
    """
    if claimed_mwh > use_mwh:
        raise ValueError("a user claims more than it uses")
    return (use_mwh - claimed_mwh) * factor_tco2_per_mwh


@entered
def write_market_scope2(energy, green_power, factor_tco2_per_mwh, fuel_gj, heat, carrier_tco2_per_gj):
    """Write market-based scope 2 of every enterprise, purchased heat on top.

    Parameters
    ----------
    energy, green_power : structured arrays, shape (N,)
    fuel_gj : ndarray, shape (N, n_carriers)
    heat : int
        Column of purchased heat.
    carrier_tco2_per_gj : ndarray, shape (n_carriers,)

    Returns
    -------
    float
        Scope 2 of the power of all, tCO2.
    """
    power_tco2 = 0.0
    for i in range(energy.size):
        scope2_tco2 = market_based_scope2(energy[i].purchased_mwh, green_power[i].claimed_mwh, factor_tco2_per_mwh)
        energy[i].scope2_market_tco2 = scope2_tco2 + fuel_gj[i, heat] * carrier_tco2_per_gj[heat]
        power_tco2 += scope2_tco2
    return power_tco2


def check_scope2(scope2_tco2: float, grid_tco2: float, quarter: str) -> None:
    """Check that the scope 2 of all users is the emissions of the power supplied to them (B06).

    Raises
    ------
    ConservationError
        Above a relative residual of 1e-9.
    """
    residual = scope2_tco2 - grid_tco2
    if not abs(residual) <= 1e-9 * max(abs(grid_tco2), 1.0):
        raise ConservationError("B06 market-based scope 2", residual, "tCO2", quarter)


def recognised_green_mwh(
    direct_mwh: float, certificate_mwh: float, use_mwh: float, direct_minimum_share: float = 0.5
) -> float:
    """Return the green MWh that count for a zero-carbon park (SM14, M27).

    At least half of the use must come over direct lines, so certificates count for the other half at most.

    Parameters
    ----------
    direct_mwh, certificate_mwh : float
        Green power over direct lines, and claimed by other certificates; together at most the use.
    use_mwh : float
    direct_minimum_share : float
        0: certificates may cover everything.

    Raises
    ------
    ValueError
        When green power exceeds the use, or the share lies outside 0 to 1.
    """
    if not 0 <= direct_minimum_share <= 1:
        raise ValueError(f"the minimum share of direct supply must lie between 0 and 1, not {direct_minimum_share:g}")
    if direct_mwh < 0 or certificate_mwh < 0 or direct_mwh + certificate_mwh > use_mwh * (1 + 1e-9):
        raise ValueError("green power must be zero or more and must not exceed the use")
    return direct_mwh + min(certificate_mwh, (1.0 - direct_minimum_share) * use_mwh)
