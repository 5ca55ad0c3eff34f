"""McNemar's test of paired 0/1 scores (McNemar 1947): do two releases fail equally often on the same cases?

Only the cases on which they disagree count. Under the null hypothesis each of those is as likely to go one way as
the other.
"""

from __future__ import annotations

from roadworthy.core.errors import InputError


def mcnemar_exact(first_only: int, second_only: int) -> float:
    """Return the exact two-sided p-value, for the numbers of cases with a 1 in one release only.

    Its error is at most alpha for every sample size, often much less. Assumes independent cases; for clusters use
    `sign_flip`.
    """
    return min(1.0, 2.0 * _tail(first_only, second_only))


def mcnemar_mid_p(first_only: int, second_only: int) -> float:
    """Return the two-sided mid-p-value: half of the chance of the result seen is left out.

    Its error is near alpha, and in all designs studied by Fagerland, Lydersen and Laake (2013) at most alpha; that
    is not proven. Assumes independent cases.
    """
    if first_only == second_only == 0:
        return 1.0
    if first_only == second_only:
        return 1.0 - 0.5 * _chance(first_only, second_only)
    return 2.0 * _tail(first_only, second_only) - _chance(first_only, second_only)


def _tail(first_only: int, second_only: int) -> float:
    from scipy.special import bdtr

    if min(first_only, second_only) < 0:
        raise InputError("a number of cases is not negative")
    return float(bdtr(min(first_only, second_only), first_only + second_only, 0.5))


def _chance(first_only: int, second_only: int) -> float:
    """Return the chance of exactly this split."""
    from scipy.special import bdtr

    fewer, cases = min(first_only, second_only), first_only + second_only
    return float(bdtr(fewer, cases, 0.5) - (bdtr(fewer - 1, cases, 0.5) if fewer else 0.0))
