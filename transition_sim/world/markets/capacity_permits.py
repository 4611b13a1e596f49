"""Permits of clinker capacity: retirement, swap at a ratio, and a yearly call auction of retired permits (SM11).

Quantities are t/yr of capacity. A *permit* is the right to run a line; capacity that retires leaves a *retired
permit*, which its owner may swap for new capacity at the replacement ratio or sell, until it lapses.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.errors import ConservationError
from transition_sim.world.markets.clearing import Auction, call_auction

_ROUNDING_SHARE = 1e-9
_TOLERANCE_SHARE = 1e-6


def required_retirement_t(new_t: float, ratio: float) -> float:
    """Return the capacity that must retire for new capacity, t/yr: R times new (A28: 3.0 Mt x 1.5 = 4.5 Mt).

    Raises
    ------
    ValueError
        Negative capacity, or a ratio under 1.
    """
    if not new_t >= 0.0:
        raise ValueError(f"new capacity must not be negative, not {new_t}")
    if not ratio >= 1.0:
        raise ValueError(f"at least as much capacity retires as is new: the ratio is 1 or more, not {ratio}")
    return new_t * ratio


def allowed_new_t(is_banned: bool, retired_t: float, ratio: float) -> float:
    """Return the new capacity that retired permits allow, t/yr: under the ban retired / R, else no limit (L10)."""
    if not ratio >= 1.0:
        raise ValueError(f"at least as much capacity retires as is new: the ratio is 1 or more, not {ratio}")
    return retired_t / ratio if is_banned else float("inf")


def is_eligible(
    days_run_per_year: np.ndarray,
    idle_years: np.ndarray,
    year: int,
    permit_min_days: float,
    permit_min_days_from_year: float,
    permit_idle_years: float,
) -> np.ndarray:
    """Tell whose capacity can be swapped: not idle too long, and run often enough where that rule binds (SM11).

    Parameters
    ----------
    days_run_per_year, idle_years : ndarray, shape (n,)
        Days of the last year on which the line ran; years since it last ran.
    year : int
        Calendar year.
    permit_min_days, permit_min_days_from_year, permit_idle_years : float
        90 d/yr from 2024; idle for more than 2 years is forfeited.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    runs_enough = np.asarray(days_run_per_year) >= permit_min_days
    return (np.asarray(idle_years) <= permit_idle_years) & (runs_enough | (year < permit_min_days_from_year))


def annuity_years(years: np.ndarray | float, rate_per_year: np.ndarray | float) -> np.ndarray:
    """Return the present value of 1 a year for some years: (1 - (1 + r)^-N) / r; N at no interest."""
    n, rate = np.broadcast_arrays(np.asarray(years, float), np.asarray(rate_per_year, float))
    is_zero = np.abs(rate) < _ROUNDING_SHARE
    safe = np.where(is_zero, 1.0, rate)
    return np.where(is_zero, n, -np.expm1(-n * np.log1p(safe)) / safe)


def ask_cny_per_t(
    margin_cny_per_t: np.ndarray, years_left: np.ndarray, rate_per_year: np.ndarray | float
) -> np.ndarray:
    """Return what an owner wants for retiring, CNY per t/yr: the value of the cash flow that it gives up, not below 0.

    Parameters
    ----------
    margin_cny_per_t : ndarray, shape (n,)
        Cash flow a year per t/yr of capacity; a line that loses money is given away.
    years_left : ndarray, shape (n,)
        Remaining life of the line.
    rate_per_year : ndarray or float
    """
    return np.maximum(0.0, np.asarray(margin_cny_per_t) * annuity_years(years_left, rate_per_year))


def bid_cny_per_t(
    margin_cny_per_t: np.ndarray,
    capex_cny_per_t: np.ndarray,
    years: np.ndarray,
    rate_per_year: np.ndarray | float,
    ratio: float,
) -> np.ndarray:
    """Return what a builder pays at most, CNY per t/yr of retired permits: (value of the line - capex) / R (SM11).

    A t/yr of new capacity needs R of retired permits. Negative: the line is not worth building; as no one asks for
    less than 0, such a bid never trades.

    Parameters
    ----------
    margin_cny_per_t, capex_cny_per_t, years : ndarray, shape (n,)
        Cash flow a year and capital cost per t/yr of new capacity; life of the line.
    rate_per_year : ndarray or float
    ratio : float
        R, 1 or more.
    """
    value_cny_per_t = np.asarray(margin_cny_per_t) * annuity_years(years, rate_per_year)
    return (value_cny_per_t - np.asarray(capex_cny_per_t)) / required_retirement_t(1.0, ratio)


def payments_cny(auction: Auction) -> tuple[np.ndarray, np.ndarray]:
    """Return what sellers receive and buyers pay, CNY; both sum to the same; zeros when nothing traded."""
    price = auction.price_cny_per_unit if auction.traded_units > 0.0 else 0.0
    return auction.ask_filled_units * price, auction.bid_filled_units * price


@dataclass
class RetiredPermit:
    """Capacity that left service and can still be swapped: owner, t/yr, and the quarter from which it lies idle."""

    enterprise: int
    t_per_year: float
    quarter: int


@dataclass
class PermitBook:
    """Who may run how much clinker capacity, and the pool of retired permits.

    Attributes
    ----------
    permitted_t_per_year : ndarray, shape (N,)
    pool : list of RetiredPermit
        Oldest first.
    retired_t, new_t, granted_t : float
        Cumulative: capacity retired, new by swap, new by grant.
    swappable_t, used_t, required_t, lapsed_t : float
        Cumulative, of retired permits: entered the pool, taken from it for new lines, R times new, expired.
    """

    permitted_t_per_year: np.ndarray
    pool: list[RetiredPermit] = field(default_factory=list)
    retired_t: float = 0.0
    new_t: float = 0.0
    granted_t: float = 0.0
    swappable_t: float = 0.0
    used_t: float = 0.0
    required_t: float = 0.0
    lapsed_t: float = 0.0

    def __post_init__(self) -> None:
        self.permitted_t_per_year = np.array(self.permitted_t_per_year, float)
        self._start_t = self.total_t
        self._checked_t = self.total_t + self.pool_t

    @property
    def total_t(self) -> float:
        """Permitted capacity of the place, t/yr."""
        return float(self.permitted_t_per_year.sum())

    @property
    def pool_t(self) -> float:
        """Retired permits that can still be swapped, t/yr."""
        return sum(permit.t_per_year for permit in self.pool)

    def retired_t_per_year(self) -> np.ndarray:
        """Return the retired permits that each enterprise holds, t/yr, shape (N,)."""
        held = np.zeros(self.permitted_t_per_year.size)
        for permit in self.pool:
            held[permit.enterprise] += permit.t_per_year
        return held

    def held_t(self, enterprise: int) -> float:
        """Return the retired permits that one enterprise holds, t/yr."""
        return sum(permit.t_per_year for permit in self.pool if permit.enterprise == enterprise)

    def retire(self, enterprise: int, t_per_year: float, quarter: int, can_be_swapped: bool = True) -> None:
        """Take capacity out of service; it enters the pool unless it is forfeited.

        Raises
        ------
        ValueError
            Negative, or more than the enterprise may run.
        """
        t_per_year = self._take(enterprise, t_per_year)
        self.retired_t += t_per_year
        if can_be_swapped and t_per_year > 0.0:
            self.swappable_t += t_per_year
            self.pool.append(RetiredPermit(enterprise, t_per_year, quarter))

    def issue_new(self, enterprise: int, new_t: float, ratio: float) -> None:
        """Permit new capacity against R times as much of the enterprise's own retired permits, oldest first.

        Raises
        ------
        ValueError
            It has not enough of them; nothing is changed then.
        """
        needed_t = required_retirement_t(new_t, ratio)
        held_t = self.held_t(enterprise)
        if needed_t > held_t * (1.0 + _ROUNDING_SHARE):
            raise ValueError(
                f"enterprise {enterprise} needs {needed_t:.6g} t/yr of retired permits and holds {held_t:.6g} t/yr"
            )
        self.used_t += self._draw(enterprise, min(needed_t, held_t))
        self.required_t += needed_t
        self.new_t += new_t
        self.permitted_t_per_year[enterprise] += new_t

    def replace(self, enterprise: int, old_t: float, wanted_t: float, ratio: float, quarter: int) -> float:
        """Swap an enterprise's own line: retire it and permit what its permits allow; return the new capacity, t/yr.

        The new line gets 1/R of the old one, and more where the enterprise holds other retired permits.
        """
        if not wanted_t >= 0.0:
            raise ValueError(f"new capacity must not be negative, not {wanted_t}")
        self.retire(enterprise, old_t, quarter)
        new_t = min(wanted_t, allowed_new_t(True, self.held_t(enterprise), ratio))
        self.issue_new(enterprise, new_t, ratio)
        return new_t

    def grant(self, enterprise: int, new_t: float, is_banned: bool) -> None:
        """Permit new capacity without a swap, which the ban rules out.

        Raises
        ------
        ValueError
            Under the ban, or negative capacity.
        """
        if is_banned:
            raise ValueError("under the ban new clinker capacity needs retired permits")
        if not new_t >= 0.0:
            raise ValueError(f"new capacity must not be negative, not {new_t}")
        self.granted_t += new_t
        self.permitted_t_per_year[enterprise] += new_t

    def lapse(self, quarter: int, permit_idle_years: float) -> float:
        """Drop retired permits that have lain idle for longer than the limit; return how much, t/yr."""
        oldest = quarter - QUARTERS_PER_YEAR * permit_idle_years
        lapsed_t = sum(permit.t_per_year for permit in self.pool if permit.quarter < oldest)
        self.pool = [permit for permit in self.pool if permit.quarter >= oldest]
        self.lapsed_t += lapsed_t
        return lapsed_t

    def auction(
        self,
        ask_price_cny_per_t: np.ndarray,
        ask_t: np.ndarray,
        bid_price_cny_per_t: np.ndarray,
        bid_t: np.ndarray,
        k: float,
        quarter: int,
        clear: Callable[..., Auction] = call_auction,
    ) -> Auction:
        """Clear the yearly call auction of retired permits and hand them over (SM11).

        Parameters
        ----------
        ask_price_cny_per_t, ask_t, bid_price_cny_per_t, bid_t : ndarray, shape (N,)
            A row an enterprise; CNY per t/yr, and t/yr of retired permits (a buyer of a line bids for R times it).
        k : float
            Place of the price between the buyers' and the sellers' best, 0 to 1.
        quarter : int
            The idle time of a permit bought counts from here: a swap that is agreed stops the clock.
        clear : callable, optional
            Rule of the auction, with the arguments and the result of ``call_auction``.

        Raises
        ------
        ValueError
            An enterprise offers more than it holds; orders that cannot be cleared.
        """
        short = ask_t > self.retired_t_per_year() * (1.0 + _ROUNDING_SHARE)
        if short.any():
            raise ValueError(f"enterprise {int(np.argmax(short))} offers more retired permits than it holds")
        result = clear(ask_price_cny_per_t, ask_t, bid_price_cny_per_t, bid_t, k)
        for enterprise in np.flatnonzero(result.ask_filled_units):
            self._draw(int(enterprise), float(result.ask_filled_units[enterprise]))
        for enterprise in np.flatnonzero(result.bid_filled_units):
            bought_t = float(result.bid_filled_units[enterprise])
            self.pool.append(RetiredPermit(int(enterprise), bought_t, quarter))
        return result

    def check(self, quarter_label: str, is_banned: bool) -> None:
        """Check that new capacity is retired capacity over R, and that the total does not grow under the ban (B12).

        A line may be built quarters after the one that made room for it retired, so what must not grow from check to
        check is capacity in permits plus retired permits still good: no new line can then exceed what retired.

        Raises
        ------
        ConservationError
        """
        pool_t, total_t = self.pool_t, self.total_t
        rights_t = total_t + pool_t
        residuals = {
            "permits": total_t - (self._start_t + self.new_t + self.granted_t - self.retired_t),
            "swap at the ratio": self.used_t - self.required_t,
            "pool": pool_t - (self.swappable_t - self.used_t - self.lapsed_t),
            "growth under the ban": max(0.0, rights_t - self._checked_t) if is_banned else 0.0,
        }
        self._checked_t = rights_t
        scale_t = max(1.0, self._start_t + self.new_t + self.granted_t)
        if not all(abs(residual) <= _TOLERANCE_SHARE * scale_t for residual in residuals.values()):
            worst = max(residuals, key=lambda name: abs(residuals[name]))
            raise ConservationError(
                "B12 capacity permits", abs(residuals[worst]), "t/yr", quarter_label, [(worst, residuals[worst])]
            )

    def _take(self, enterprise: int, t_per_year: float) -> float:
        permitted_t = float(self.permitted_t_per_year[enterprise])
        if not 0.0 <= t_per_year <= permitted_t * (1.0 + _ROUNDING_SHARE):
            raise ValueError(f"enterprise {enterprise} cannot retire {t_per_year:.6g} of {permitted_t:.6g} t/yr")
        t_per_year = min(t_per_year, permitted_t)
        self.permitted_t_per_year[enterprise] -= t_per_year
        return t_per_year

    def _draw(self, enterprise: int, t_per_year: float) -> float:
        """Take retired permits of an enterprise out of the pool, oldest first; return what was taken."""
        left_t = t_per_year
        for permit in self.pool:
            if permit.enterprise == enterprise:
                taken_t = min(permit.t_per_year, left_t)
                permit.t_per_year -= taken_t
                left_t -= taken_t
        self.pool = [permit for permit in self.pool if permit.t_per_year > 0.0]
        return t_per_year - left_t
