"""A comparison of two runs as JSON, for programs."""

from __future__ import annotations

from typing import Any

import msgspec

from roadworthy.evaluate.comparison import Comparison, ComparisonRow


def comparison_json(comparison: Comparison) -> bytes:
    """Write both runs, how many samples they share, and every row."""
    value = {
        "first": comparison.first.name,
        "second": comparison.second.name,
        "samples": msgspec.to_builtins(comparison.overlap),
        "confidence": comparison.confidence,
        "caveats": list(comparison.caveats),
        "rows": [_row(row) for row in comparison.rows],
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _row(row: ComparisonRow) -> dict[str, Any]:
    found = row.difference
    return {
        "metric": row.metric.name,
        "rate": row.rate,
        "slice": row.label,
        "finding": str(row.finding),
        "first": row.first,
        "second": row.second,
        "difference": found.difference,
        "interval": [found.lower, found.upper],
        "p_value": found.p_value,
        "p_value_holm": row.adjusted,
        "pairs": found.n,
        "units": found.units,
        "errored": row.errored,
        "method": found.method,
    }
