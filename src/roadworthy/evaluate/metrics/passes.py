"""Passes: one value for the repetitions of a sample, as agents and code are scored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import comb


class Draw(StrEnum):
    """What must be right among `k` attempts drawn from those recorded."""

    ANY = "any"
    """At least one: pass@k."""
    ALL = "all"
    """Every one: pass^k."""


@dataclass(frozen=True)
class Passes:
    """How the epochs of a sample become its one value."""

    k: int
    draw: Draw

    def value(self, n: int, c: int) -> float:
        """Return the chance that `k` of `n` attempts drawn without putting back pass, `c` of them being right.

        Unbiased for independent attempts: 1 - C(n-c, k) / C(n, k) for pass@k (Chen et al. 2021, arXiv:2107.03374,
        equation 1) and C(c, k) / C(n, k) for pass^k (Yao et al. 2024, tau-bench, arXiv:2406.12045). Computed exactly
        and rounded once. Raises ValueError with fewer than `k` attempts, where neither is defined.
        """
        if not 0 <= c <= n or n < self.k:
            raise ValueError(f"{self.k} of {n} attempts cannot be drawn, {c} of them right")
        if self.draw is Draw.ANY:
            return float(1 - Fraction(comb(n - c, self.k), comb(n, self.k)))
        return float(Fraction(comb(c, self.k), comb(n, self.k)))
