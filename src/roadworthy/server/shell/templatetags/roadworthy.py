"""The tags of our pages. They are built in: no `{% load %}` is needed, as for `{% translate %}`.

Signs and words (sign, word and colour always together)
    {% status_chip outcome.status %}            met, not met, inconclusive, not shown, stale, waived, not applicable
    {% tier_chip system.tier %}                 prohibited, high, medium, low
    {% severity_chip finding.severity %}        critical, high, medium, low
    {% state_chip release.state %}              any state word, quiet; `tone="met"` (or accent, neutral) where unknown
    {% verdict_stamp release.verdict release.judged_at "default 1" %}   also status=, tier=, size="small" for lists
    {% icon "findings" %}                       decoration: a word or aria-label must stand with it

Times, ids, people
    {% when row.created_at %}                   relative, absolute with zone on hover; absolute=True the other way round
    {% when row.due due=True %}                 coloured only when late; {% day row.launch %} for days, also so
    {% digest record.digest %}                  12 characters and a button that copies the whole
    {% person row.owner %}                      initials and name; link=True leads to their page

Measurements (an `Outcome` of `roadworthy.decide`)
    {% interval_plot outcome %}                 one plot, for a cell of a table
    {% interval_rows outcome %}                 the whole and its slices on a shared axis
    {% interval_overview outcomes %}            all measured requirements in panels, as in the report
    {% plot_key %}                              what the parts of a plot mean; once on a page

Charts (`shell.charts`: Point, Target, Node, Edge, Step are made in the view)
    {% trend "Coverage" points target unit="%" %}   in a `<div class="multiples">`; a value of None is unknown
    {% sparkline values "in words" %}           in a cell
    {% status_bar counts %}                     number of outcomes by status, stacked; words=False without the legend
    {% progress_bar done total %}
    {% heat_map counts url %}                   (severity, likelihood) -> number; url(severity, likelihood); chosen=
    {% provenance_graph title nodes edges columns %}
    {% timeline steps %}                        who signed, who is next

Words of the field
    {{ outcome.reason|prose }}                  escaped, `code` between backticks set as code

Parts of a page
    {% facts pairs %}                           (term, value) pairs as a list of facts; or write `<dl class="facts">`
    {% empty "No finding" "Findings come from ..." "File one" url %}
    {% field form.name %}, {% form_fields form %}   label, required mark, help, error; wide=True for long text
    {% options pairs chosen %}                  the options of a long `<select>` of (value, title) pairs
    {% tabs_of "system" row %}                  in block `tabs`: the strip of tabs of `shell.tabs.add_tab`
    {% tab_content "system" row as drawn %}{% if drawn %}{{ drawn }}{% else %}own part{% endif %}   in block `content`
    {% rail_of "release" row %}                 in block `rail`: the panels of `shell.tabs.add_panel`
    {% activity entries %}                      audit trail; each entry has at, actor_name, words and, where they are
                                                there, url, reason, outcome, icon, changes (what, before, after)
    {% include "shell/listing.html" %}          a `ListingPage` as `page`

Classes for plain HTML: `card` (with `header`), `cards`, `columns`, `facts`, `figures` (dl of div with dt, dd),
`chips`, `buttons`, `button` with `secondary`, `quiet`, `danger`, `small`; `note s-inconclusive` with a div in
it; `form-end`, `field`, `pair`; `steps`; `number` on cells; `soft`, `small`, `strong`, `nowrap`, `hidden`,
`scroll`. In the rail: one `<section class="card">` a block. Blocks of `shell/base.html`: `title`, `breadcrumbs`
(`<ol>` of links), `heading` (`<h1>`), `actions` (links and forms of buttons), `tabs`, `content`, `rail`; of
`shell/entrance.html`, for pages before sign-in: `title`, `content`. A button that asks first: `<button
data-confirm="Withdraw the release?">`. A menu that closes by itself: `<details class="drop">`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from roadworthy.documents.page import prose
from roadworthy.documents.sign import SIGNS
from roadworthy.server.shell.charts import bar, graph, heat_map, timeline, trend
from roadworthy.server.shell.components import chip, detail, form, moment, plot, side, table
from roadworthy.server.shell.components.asset import asset
from roadworthy.server.shell.components.icon import ICONS, icon, sign

register = template.Library()
register.filter("prose", prose)

register.simple_tag(chip.status_chip)
register.simple_tag(chip.tier_chip)
register.simple_tag(chip.severity_chip)
register.simple_tag(chip.state_chip)
register.simple_tag(chip.verdict_stamp)
register.simple_tag(chip.digest)
register.simple_tag(chip.person)
register.simple_tag(moment.when)
register.simple_tag(moment.day)
register.simple_tag(plot.interval_plot)
register.simple_tag(plot.interval_rows)
register.simple_tag(plot.interval_overview)
register.simple_tag(plot.plot_key)
register.simple_tag(form.field)
register.simple_tag(form.form_fields)
register.simple_tag(form.options)
register.simple_tag(trend.trend)
register.simple_tag(trend.sparkline)
register.simple_tag(bar.status_bar)
register.simple_tag(bar.progress_bar)
register.simple_tag(heat_map.heat_map)
register.simple_tag(graph.provenance_graph)
register.simple_tag(timeline.timeline)
register.simple_tag(icon)
register.simple_tag(asset)
register.simple_tag(side.side)
register.simple_tag(side.palette)
register.simple_tag(table.listing_rows)


@register.simple_tag
def icon_or(name: str, other: str) -> SafeString:
    """Draw an icon, or another where its name is empty or unknown."""
    return icon(name if name in ICONS else other)


@register.simple_tag
def sign_of(status: Any) -> SafeString:
    """Draw the sign of an outcome alone; its word must stand beside it."""
    return sign(SIGNS[chip.status_of(status)].css)


@register.filter
def short(digest: str) -> str:
    """Return the first 12 characters of a digest."""
    return str(digest)[:12]


@register.simple_tag
def facts(pairs: Iterable[tuple[Any, Any]]) -> SafeString:
    """Draw pairs of term and value."""
    return format_html('<dl class="facts">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}</dd>", pairs))


@register.simple_tag
def empty(title: str, text: str = "", action_title: str = "", action_url: str = "", icon_name: str = "inbox") -> str:
    """Draw what stands where nothing is yet: what it would be, and what to do next."""
    values = {"title": title, "text": text, "action_title": action_title, "action_url": action_url, "icon": icon_name}
    return render_to_string("shell/empty.html", values)


@register.simple_tag
def activity(entries: Iterable[Any]) -> str:
    """Draw the trail of what happened, newest first, with before and after."""
    return render_to_string("shell/activity.html", {"entries": entries})


@register.simple_tag(takes_context=True)
def tabs_of(context: Context, page: str, row: Any, first: str = "") -> SafeString:
    """Draw the strip of tabs of a detail page."""
    return detail.tabs_of(context["request"], page, row, first)


@register.simple_tag(takes_context=True)
def tab_content(context: Context, page: str, row: Any) -> SafeString:
    """Draw the tab that is open; empty on the page's own part."""
    return detail.tab_content(context["request"], page, row)


@register.simple_tag(takes_context=True)
def rail_of(context: Context, page: str, row: Any) -> SafeString:
    """Draw the blocks that apps added to the rail of a page."""
    return detail.rail_of(context["request"], page, row)
