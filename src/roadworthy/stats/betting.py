"""The capital of a bettor against 'the mean is at least m': an e-process over independent units.

Testing by betting (Shafer 2021; Waudby-Smith and Ramdas 2024, section 4). Unit i has the total T_i and the size S_i,
both in units of the largest unit that may come. A bettor who doubts that the rate is m or more stakes the share c of
what can be lost, and is paid

    1 + c (m S_i - T_i) / (1 - m c),      0 <= c < 1.

If the mean of T_i - m S_i is not below zero, whatever the distribution, the capital is a supermartingale from 1: by the
inequality of Ville (1939) it ever reaches 1 / alpha with probability at most alpha, however often one looks. No unit
that is still to come can be worse than all bad, so no assumption about the correlation within units is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from roadworthy.core.errors import InputError
from roadworthy.stats.grid import coarsened
from roadworthy.stats.units import Array, Units

MIDDLE, SMALL = 100, 32
"""How many stakes of each kind."""
LEAST, GREATEST = 1e-5, 0.999
SHARE_MIDDLE, SHARE_SMALL, SHARE_GREATEST = 0.45, 0.05, 0.5
_BLOCK = 8_192
"""Different units whose payments are held in memory at once."""


def stakes() -> tuple[Array, Array]:
    """Return the stakes c and how the capital of 1 is spread over them, both fixed before any answer.

    A mixture over bets, as in the universal portfolio (Cover 1991). Half of the capital goes on the greatest stake,
    which pays most when nearly nothing is bad or clusters are large; 45 % on stakes in the middle, with the density
    6 c (1 - c); and 5 % on small stakes, evenly on a logarithmic scale, which long runs close to the threshold live on.
    """
    middle = (np.arange(MIDDLE) + 0.5) / MIDDLE
    small = np.exp(np.log(LEAST) * (np.arange(SMALL) + 0.5) / SMALL)
    hump = middle * (1.0 - middle)
    shares = (SHARE_MIDDLE * hump / hump.sum(), np.full(SMALL, SHARE_SMALL / SMALL), [SHARE_GREATEST])
    return np.concatenate([middle, small, [GREATEST]]), np.concatenate(shares)


@dataclass(frozen=True, eq=False)
class Bettor:
    """Somebody who bets on units that came in an order fixed beforehand; only sums matter, not their order."""

    units: Units
    largest: float
    """Samples of the largest unit that may come; known beforehand."""

    def __post_init__(self) -> None:
        seen = float(self.units.sizes.max()) if len(self.units.sizes) else 0.0
        if seen > self.largest:
            raise InputError(
                f"a unit has {seen:g} samples, more than the {self.largest:g} that were to be the most",
                remedy="The size of the largest unit must be known before the first answer.",
            )

    def mirrored(self) -> Bettor:
        """Return who bets on the same units with each score s replaced by low + high - s."""
        return Bettor(self.units.mirrored(), self.largest)

    def log_capital(self, rates: Array) -> Array:
        """Return the logarithm of the capital of the mixture against each of `rates`; it increases with the rate."""
        _, share = stakes()
        logs = np.log(share) + self._log_payments(np.asarray(rates, dtype=np.float64))
        most = logs.max(axis=1, keepdims=True)
        return np.asarray(most[:, 0] + np.log(np.exp(logs - most).sum(axis=1)))

    def _log_payments(self, rates: Array) -> Array:
        """Return the logarithm of what each stake has become, shape (rates, stakes)."""
        stake, _ = stakes()
        totals, sizes, counts = self._scaled
        staked = np.outer(rates, stake)
        paid = -float(counts.sum()) * np.log1p(-staked)
        if np.all(sizes == 1.0):
            return np.asarray(paid + self._log_kept)
        for at in range(0, len(counts), _BLOCK):
            block = slice(at, at + _BLOCK)
            lost = np.outer(totals[block], stake)
            for row in range(len(rates)):
                paid[row] += counts[block] @ np.log1p(-lost - np.outer(1.0 - sizes[block], staked[row]))
        return np.asarray(paid)

    @cached_property
    def _scaled(self) -> tuple[Array, Array, Array]:
        units = self.units
        if len(units.sizes) and np.all(units.sizes == units.sizes[0]):
            units = coarsened(units)
        return units.totals / self.largest, units.sizes / self.largest, units.counts

    @cached_property
    def _log_kept(self) -> Array:
        """Where all units are of the largest size, the rate enters by a factor alone."""
        totals, _, counts = self._scaled
        stake, _ = stakes()
        return np.asarray(counts @ np.log1p(-np.outer(totals, stake)))
