"""docs/kpis.md: the KPIs of the server, from their table."""

from __future__ import annotations

import os

from _generate.markdown import code, page, table

INTRODUCTION = """What the server computes for those who lead, from the rows that events left; nothing of it is typed
in. The page of each KPI shows its value with the sample behind it, its trend over twelve months against the target
band, its tiers and product lines, and the very rows that it counts, also as CSV; the API has them at
`GET /api/v1/kpis` and `GET /api/v1/kpis/{id}`.

- A value without a population is **unknown**, which is not zero. A total is 0 only in a month in which somebody looked.
- Rows that say nothing count neither for nor against; they are shown beside the sample as unknown. What is too old to
  count is shown as stale.
- Months begin and end in the time zone of the server (`ROADWORTHY_TIME_ZONE`); days are business days of its calendar,
  counted whole: the day on which something begins is day 0.
- The month that runs is computed each minute by a job; where that is older than three minutes, it is computed when it
  is asked for. Past months are kept by a job; computing them again gives the same, because the rows that they count do
  not change afterwards.
- A part of the portfolio that somebody may see adds up what was kept of the product lines that it reaches. Which line a
  row counts in for this is where its system belongs now: when a system moves, all months are computed anew within two
  minutes. Where somebody may see single systems, their rows are counted when they are asked for.
- The page of a KPI counts at once what has fewer than 1,000 rows; of more it shows what was kept, and as of when."""


def kpis_page() -> str:
    """Write the page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roadworthy.server.settings")
    os.environ.setdefault("ROADWORTHY_SECRET_KEY", "only for the documentation")
    import django

    django.setup()
    from roadworthy.server.portfolio.kpis import KPIS, UNMEASURED
    from roadworthy.server.portfolio.words import target_words

    sections = ["## Measured"]
    for kpi in KPIS.values():
        targets = [f"{tier or 'every tier'}: {target_words(target, kpi.unit)}" for tier, target in kpi.target.items()]
        facts = [
            ("Formula", f"{kpi.formula}."),
            ("Population", f"{kpi.population}."),
            ("Excluded", f"{kpi.exclusions}."),
            ("Target", "; ".join(targets) or "none; the trend counts"),
            ("Unit, good direction", f"{kpi.unit}, {kpi.direction}"),
            ("Looked at", kpi.cadence),
        ]
        sections.append(f"### {kpi.title}\n\n{code(kpi.id)}\n\n{table(['What', 'How'], facts)}")
    waiting = [(one.title, one.target, one.needs) for one in UNMEASURED]
    sections.append(
        "## Not measured yet\n\nTheir events are not recorded yet, so that they have no value; they are listed with"
        f" what they need.\n\n{table(['KPI', 'Target', 'Needs'], waiting)}"
    )
    return page("KPIs", INTRODUCTION, sections)
