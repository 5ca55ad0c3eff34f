"""The heat map of risks: severity by likelihood, 5 by 5, counts in the cells; each cell filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

SEVERITIES = ("Negligible", "Minor", "Moderate", "Major", "Severe")
LIKELIHOODS = ("Rare", "Unlikely", "Possible", "Likely", "Almost certain")
SIZE = 5


def heat_map(
    counts: Mapping[tuple[int, int], int],
    url: Callable[[int, int], str] | None = None,
    *,
    chosen: tuple[int, int] | None = None,
    caption: str = "",
    severities: Sequence[str] = SEVERITIES,
    likelihoods: Sequence[str] = LIKELIHOODS,
) -> SafeString:
    """Draw counts by (severity, likelihood), each from 1 to 5; `url` gives the address that filters by a cell."""
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        (
            (_(severities[severity - 1]), _row(counts, severity, url, chosen, severities, likelihoods))
            for severity in range(SIZE, 0, -1)
        ),
    )
    heads = format_html_join("", '<th scope="col">{}</th>', ((_(word),) for word in likelihoods))
    return format_html(
        '<div class="scroll"><table class="heat"><caption>{}</caption><tbody>{}</tbody>'
        '<tfoot><tr><td class="corner">{}</td>{}</tr></tfoot></table></div>',
        caption or _("Risks by severity (up) and likelihood (across)"),
        rows,
        "",
        heads,
    )


def _row(
    counts: Mapping[tuple[int, int], int],
    severity: int,
    url: Callable[[int, int], str] | None,
    chosen: tuple[int, int] | None,
    severities: Sequence[str],
    likelihoods: Sequence[str],
) -> SafeString:
    cells = []
    for likelihood in range(1, SIZE + 1):
        number = counts.get((severity, likelihood), 0)
        here = chosen == (severity, likelihood)
        name = f"{_(severities[severity - 1])}, {_(likelihoods[likelihood - 1])}"
        cells.append(
            (
                heat(severity, likelihood),
                " chosen" if here else "",
                _cell(number, name, url, severity, likelihood, here),
            )
        )
    return format_html_join("", '<td class="h{}{}">{}</td>', cells)


def heat(severity: int, likelihood: int) -> int:
    """Return how hot a cell is, from 1 to 5, by the product."""
    product = severity * likelihood
    return 1 + sum(product > edge for edge in (3, 6, 10, 15))


def _cell(
    number: int, name: str, url: Callable[[int, int], str] | None, severity: int, likelihood: int, here: bool
) -> SafeString:
    if not number:
        return SafeString("")
    if url is None:
        return format_html("{}", number)
    current = format_html(' aria-current="{}"', "true") if here else ""
    return format_html(
        '<a href="{}" aria-label="{}: {}"{}>{}</a>', url(severity, likelihood), name, number, current, number
    )
