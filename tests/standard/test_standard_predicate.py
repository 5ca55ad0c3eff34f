"""Predicates: what they say of a declared system, and what is refused before it can mislead.

Truth values are worked out by hand from the CEL specification (https://github.com/google/cel-spec).
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.core.errors import InputError, Place
from roadworthy.standard.predicate import load_predicate, system_facts
from worked_example import system

TOOLS = [
    {"id": "lookup", "effect": "read"},
    {"id": "send", "effect": "external", "reversible": False, "approval": "none"},
]


@pytest.mark.parametrize(
    ("source", "truth"),
    [
        ("true", True),
        ("false", False),
        ('system.kind == "agent"', True),
        ('system.kind != "agent"', False),
        ('system.kind in ["rag", "agent"]', True),
        ('!(system.kind in ["rag"])', True),
        ('"EU" in system.regions', True),
        ('"NO" in system.regions', False),
        ('system.tools.exists(t, t.effect == "external")', True),
        ('system.tools.all(t, t.effect == "read")', False),
        ('system.tools.exists_one(t, t.effect == "read")', True),
        ('system.tools.exists(t, t.effect == "external" && !t.reversible && t.approval == "none")', True),
        ('size(system.tools.filter(t, t.effect == "external")) == 1', True),
        ('system.tools.map(t, t.id) == ["lookup", "send"]', True),
        ("system.monitors.all(m, m.owner != null)", True),  # of nothing, everything is true
        ("size(system.monitors) > 0 && system.monitors.all(m, m.owner != null)", False),
        ("system.users.monthly >= 5000", True),
        ("system.users.monthly > 5000", False),
        ("system.users.monthly * 12 > 59999", True),
        ("system.users.monthly % 7 == 2", True),  # 5000 = 7 * 714 + 2
        ("-system.users.monthly < 0", True),
        ("system.owner.accountable != null", True),
        ("system.title == null", True),
        ("system.decision.about_people || system.exposure.public", False),
        ("true || system.decision.about_people && false", True),  # && binds tighter
        ("(true || system.decision.about_people) && false", False),
        ("system.exposure.public ? false : true", True),
        ("system.guard.pii == 'block'", True),
        ('"pii" in system.guard && system.guard["pii"] == "block"', True),
        ("has(system.guard.absent) && system.guard.absent == 'x'", False),
        ("has(system.guard.pii) && system.guard.pii == 'block'", True),
        ("system.settings.temperature > 0.5", True),  # 1, an int, against a double
        ('system.purpose.contains("orders")', True),
        ('system.purpose.startsWith("orders")', False),
        ('system.system.matches("^order-.*$")', True),
        ('system.launch != null && system.launch == "2027-01-01"', True),
    ],
)
def test_a_predicate_says_what_cel_says(source: str, truth: bool) -> None:
    declared = system(
        kind="agent",
        tools=TOOLS,
        guard={"pii": "block"},
        settings={"temperature": 1},
        launch="2027-01-01",
    )
    assert load_predicate(source).holds(system_facts(declared)) is truth


REFUSED = [
    ("system.nope", "unknown field 'nope' in system", "Known: "),
    ("system.kindd == 'agent'", "unknown field 'kindd'", "Did you mean 'kind'?"),
    ("system.kindd == 'agent' || true", "unknown field 'kindd'", "'kind'"),
    ("true || system.kindd == 'agent'", "unknown field 'kindd'", "'kind'"),
    ("false && system.kindd == 'agent'", "unknown field 'kindd'", "'kind'"),
    ("true ? true : system.kindd == 'agent'", "unknown field 'kindd'", "'kind'"),
    ("system.tools.exists(t, t.effct == 'read')", "unknown field 'effct' in t", "'effect'"),
    ("system.tools.exists(t, t.effect == 'read' || u.id == 'x')", "unknown name 'u'", ""),
    ("systm.kind == 'agent'", "unknown name 'systm'", "'system'"),
    ("system.decision.about_peeple", "unknown field 'about_peeple'", "'about_people'"),
    ("system.decision.nope.deeper", "unknown field 'nope'", ""),
    ("size(system.toolz) > 0", "unknown field 'toolz'", "'tools'"),
    ("has(system.gard.pii)", "unknown field 'gard'", "'guard'"),
    ("'x' in system.regionz", "unknown field 'regionz'", "'regions'"),
    ("system.kind == 'agnet'", "'agnet' is not a value this field can take", "Did you mean 'agent'?"),
    ("'agnet' == system.kind", "'agnet' is not a value", "'agent'"),
    ("system.kind != 'agnet'", "'agnet' is not a value", "'agent'"),
    ("system.kind in ['rag', 'agnet']", "'agnet' is not a value", "'agent'"),
    ("'social scoring' in system.practices", "'social scoring' is not a value", "'social-scoring'"),
    ("system.tools.all(t, t.effect == 'none')", "'none' is not a value", ""),
    ("system.launch > '2026-01-01'", "system.launch may be absent", "null"),
    ("system.owner.accountable.contains('x')", "may be absent", "null"),
    ("'x'.contains(system.owner.accountable)", "contains does not take", ""),
    ("has(system.launch)", "has() always holds of a field", "system.launch != null"),
    ("has(system.owner.accountable)", "has() always holds of a field", "!= null"),
    ("system.users.monthly > '5'", "> does not take number and text", "one type"),
    ("system.users.monthly == '5'", "a number never equals a text", ""),
    ("system.regions == 'EU'", "a list never equals a text", ""),
    ("'send' in system.tools", "a text is never in a list of model", "exists"),
    ("1 in system.regions", "a number is never in a list of text", ""),
    ("system.kind in 'agent'", "'in' needs a list", ""),
    ("system.kind.contains(1)", "contains does not take a number", ""),
    ("system.tools[0].effect == 'read'", "an index by position can miss", "exists"),
    ("system.tools.effect == 'read'", "a list has no field 'effect'", "exists"),
    ("system", "it yields a model", "comparison"),
    ("system.kind", "it yields a text", ""),
    ("system.users.monthly", "it yields a number", ""),
    ("system.guard.pii", "not true or false", "comparison"),
    ("!system.kind", "! needs true or false", ""),
    ("system.kind && true", "&& needs true or false", ""),
    ("system.exposure > 1", "> does not take a model", ""),
    ("system.tools.exists(t, t.effect)", "the condition of exists is a text", ""),
    ("system.tools.exists('t', true)", "argument must be a simple name", ""),
    ("system.kind.exists(t, true)", "exists needs a list", ""),
    ("system.tools.some(t, true)", "unknown method 'some'", ""),
    ("sizes(system.tools) > 1", "unknown function 'sizes'", "'size'"),
    ("system.kind ==", "", "CEL"),
    ("", "", ""),
    ("system.kind == 'agent' 'x'", "", ""),
    ("system.kind = 'agent'", "", ""),
    ("{'a': 1}.a == 1", "", ""),
    ("(true", "", ""),
    ("system.kind == 'agent' // always", "", ""),
]


@pytest.mark.parametrize(("source", "problem", "remedy"), REFUSED)
def test_a_wrong_predicate_is_refused_when_loaded(source: str, problem: str, remedy: str) -> None:
    with pytest.raises(InputError) as caught:
        load_predicate(source, Place("requirements.yaml", 12))
    assert str(caught.value.place) == "requirements.yaml:12"
    assert problem in caught.value.problem
    assert caught.value.remedy
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    "source",
    [
        "system.guard.absent == 'on'",
        "system.guard['absent'] == 'on'",
        "true || system.guard.absent == 'on'",
        "false && system.guard.absent == 'on'",
        "system.settings.absent > 1",
    ],
)
def test_a_missing_key_is_an_error_even_where_cel_would_shrug(source: str) -> None:
    predicate = load_predicate(source)
    with pytest.raises(InputError, match="absent, which is not declared"):
        predicate.holds(system_facts(system()))


@pytest.mark.parametrize("value", ["yes", 1])
def test_a_key_of_another_type_is_an_error(value: Any) -> None:
    predicate = load_predicate("!system.guard.pii")
    with pytest.raises(InputError):
        predicate.holds(system_facts(system(guard={"pii": value})))
    assert predicate.holds(system_facts(system(guard={"pii": False})))


def test_a_bad_pattern_is_an_error_and_not_a_false() -> None:
    predicate = load_predicate('system.purpose.matches("[")')
    with pytest.raises(InputError, match="failed"):
        predicate.holds(system_facts(system()))


def test_the_facts_that_were_read_are_shown() -> None:
    predicate = load_predicate('system.tools.exists(t, t.effect != "read") && !system.decision.human_review')
    facts = predicate.facts_read(system_facts(system(tools=TOOLS)))
    assert facts["system.tools.effect"] == "read, external"
    assert facts["system.decision.human_review"] == "no"
    assert load_predicate("system.title != null").facts_read(system_facts(system())) == {"system.title": "absent"}
    assert load_predicate("size(system.monitors) > 0").facts_read(system_facts(system())) == {"system.monitors": "none"}


VALID = st.sampled_from(
    [
        "true",
        "system.exposure.public",
        'system.kind == "agent"',
        'system.tools.exists(t, t.effect == "read")',
        "size(system.tools) > 0",
        '"EU" in system.regions',
    ]
)
UNKNOWN = st.sampled_from(
    [
        "system.expossure.public",
        'system.kindd == "agent"',
        'system.tools.exists(t, t.efect == "read")',
        "size(system.toolz) > 0",
        '"EU" in system.region',
        "system.decision.unknown_field",
        "nobody.knows",
        'system.kind == "agnet"',
    ]
)


def _wrap(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, VALID, st.sampled_from(["||", "&&"])).map(lambda p: f"({p[0]} {p[2]} {p[1]})"),
        st.tuples(VALID, inner, st.sampled_from(["||", "&&"])).map(lambda p: f"({p[0]} {p[2]} {p[1]})"),
        inner.map(lambda e: f"!({e})"),
        st.tuples(VALID, inner).map(lambda p: f"({p[0]} ? true : {p[1]})"),
        st.tuples(VALID, inner).map(lambda p: f"({p[0]} ? {p[1]} : true)"),
        st.tuples(inner, VALID).map(lambda p: f"({p[0]} ? {p[1]} : {p[1]})"),
        inner.map(lambda e: f"system.models.exists(m, {e})"),
        inner.map(lambda e: f"system.models.all(m, true || {e})"),
        inner.map(lambda e: f"size(system.models.filter(m, {e})) == 0"),
        inner.map(lambda e: f"({e} == true)"),
        inner.map(lambda e: f"({e} in [true, false])"),
    )


@given(st.recursive(UNKNOWN, _wrap, max_leaves=6))
def test_an_unknown_field_is_refused_wherever_it_stands(source: str) -> None:
    with pytest.raises(InputError):
        load_predicate(source)


@given(st.recursive(VALID, _wrap, max_leaves=6))
def test_what_is_valid_stays_valid_when_it_is_combined(source: str) -> None:
    assert load_predicate(source).holds(system_facts(system())) in {True, False}
