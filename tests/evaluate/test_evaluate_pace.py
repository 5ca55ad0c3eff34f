"""How fast a service is asked: the level of calls at once, the rate, the tokens, and who shares them."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from evaluate_project import LocalServer, Project, echo_last_word, fast, http, openai, serve
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.evaluate.level import Level
from roadworthy.evaluate.limits import Limits
from roadworthy.evaluate.pace import Gate, Pace, gate_of
from roadworthy.evaluate.targets.wire import Wire


def rounds(level: Level, seconds: list[float], *, wanted: bool = True) -> list[int]:
    """Answer whole rounds, each in so many seconds; return the level after each."""
    seen = []
    for each in seconds:
        for _ in range(level.now):
            level.answered(each, wanted=wanted)
        seen.append(level.now)
    return seen


def test_the_level_doubles_while_answers_are_in_time_and_stops_at_the_ceiling() -> None:
    assert rounds(Level(100), [1.0] * 5) == [16, 32, 64, 100, 100]
    assert Level(3).now == 3


def test_the_level_stays_where_nobody_waits_for_more() -> None:
    assert rounds(Level(100), [1.0] * 3, wanted=False) == [8, 8, 8]


def test_a_slow_round_ends_the_doubling_and_lowers_the_level_in_proportion() -> None:
    level = Level(100)
    assert rounds(level, [1.0, 1.0, 3.1, 1.5, 1.5]) == [16, 32, 21, 22, 23]


def test_milliseconds_of_our_own_are_no_strain() -> None:
    assert rounds(Level(64), [0.001, 0.01, 0.02]) == [16, 32, 64]


def test_a_refusal_halves_once_for_all_calls_that_were_on_their_way() -> None:
    level = Level(64)
    rounds(level, [1.0, 1.0])
    level.overloaded(started=9.0, at=10.0)
    level.overloaded(started=9.5, at=10.1)
    assert level.now == 16
    level.overloaded(started=10.2, at=11.0)
    assert level.now == 8
    assert rounds(level, [1.0, 1.0]) == [9, 10]


@given(
    st.integers(1, 50),
    st.lists(st.tuples(st.booleans(), st.floats(0.0, 10.0)), max_size=200),
)
def test_the_level_is_always_between_one_and_the_ceiling(most: int, events: list[tuple[bool, float]]) -> None:
    level, clock = Level(most), 0.0
    for refused, seconds in events:
        clock += seconds
        if refused:
            level.overloaded(clock - seconds, clock)
        else:
            level.answered(seconds, wanted=True)
        assert 1 <= level.now <= most


class Clock:
    """Stands for the clock of the pace; a call goes at the moment that was booked for it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("roadworthy.evaluate.pace.monotonic", lambda: self.now)

    def go(self, pace: Pace) -> float:
        self.now += max(0.0, pace.book())
        return self.now


def test_requests_are_spaced(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, pace = Clock(monkeypatch), Pace()
    pace.requests_per_second = 4.0
    assert [clock.go(pace) for _ in range(4)] == [100.0, 100.25, 100.5, 100.75]
    clock.now = 200.0
    assert clock.go(pace) == 200.0


def test_tokens_are_spaced_by_what_answers_took(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, pace = Clock(monkeypatch), Pace()
    pace.tokens_per_minute = 6000.0
    taken = []
    for tokens in [100, 400, 50, 900, 10] * 40:
        taken.append((clock.go(pace), tokens))
        pace.took(tokens)
    for start, _ in taken:
        window = sum(tokens for at, tokens in taken if start <= at < start + 60.0)
        assert window <= 6000 + 900
    assert taken[-1][0] - taken[0][0] == pytest.approx(sum(tokens for _, tokens in taken) / 100, rel=0.05)


def test_what_shares_address_and_key_shares_the_gate_and_the_stricter_limit_holds() -> None:
    one, other, third = Wire(frozenset(["k1"])), Wire(frozenset(["k1"])), Wire(frozenset(["k2"]))
    gate = gate_of(one.service("https://h.example/v1/a"), Limits(concurrency=20, requests_per_second=5))
    same = gate_of(other.service("https://h.example/v1/b"), Limits(concurrency=10, tokens_per_minute=100))
    assert gate is same
    assert (gate.level.most, gate.pace.requests_per_second, gate.pace.tokens_per_minute) == (10, 5, 100)
    assert gate_of(third.service("https://h.example/v1/a"), Limits()) is not gate
    assert gate_of(one.service("https://h.example:444/v1/a"), Limits()) is not gate
    name = one.service("https://h.example/v1/a")
    del gate, same
    gc.collect()
    assert gate_of(name, Limits(concurrency=30)).level.most == 30


def test_a_cancelled_call_gives_its_place_back() -> None:
    async def go() -> None:
        gate = Gate(1)
        await gate.enter()
        waiting = [asyncio.create_task(gate.enter()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        gate.leave()
        waiting[1].cancel()  # its place was given to it in this very turn of the loop
        await waiting[2]
        gate.leave()
        await asyncio.wait_for(gate.enter(), 5)
        await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(go())


def test_a_service_of_small_capacity_is_found_and_rarely_overrun(project: Project) -> None:
    """The server refuses beyond six calls at once; with 40 at once nearly every call would be refused."""
    project.dataset(400)
    inside = 0

    async def small(body: dict[str, Any], server: LocalServer) -> bytes:
        nonlocal inside
        if inside >= 6:
            return http(429, b"too many at once")
        inside += 1
        await asyncio.sleep(0.005)
        inside -= 1
        return await echo_last_word(body, server)

    with serve(small) as server:
        limits = fast(concurrency=40, retries=10)
        run = project.run(project.suite(target=openai(server.url), limits=limits))
    assert run.counts.scored == 400
    assert run.usage.calls < 1.4 * 400
