"""Every page, with everything on it and with nothing: axe finds no barrier, nothing is blocked, fails or overflows.

The pages come from the table of doors, their objects from `visits.py`. With PAGES_SCREENSHOTS=<folder> the walk
leaves a picture of each page there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from everything import PASSWORD
from filled_server import Filled, answer, start_script
from walking import Walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]
EVE = "eve@example.com"
CORNERS = [(1440, "light"), (390, "dark")]
OTHER_CORNERS = [(1440, "dark"), (390, "light")]
Look = Callable[..., Walk]


@pytest.fixture
def look() -> Iterator[Look]:
    """Return what opens a window; afterwards nothing may have been wrong with any page."""
    walks: list[Walk] = []

    def begin(filled: Filled, place: str, width: int, scheme: str, session: str = "") -> Walk:
        walks.append(Walk(filled.browser, filled.server.url, width, scheme, session, place))
        return walks[-1]

    yield begin
    for walk in walks:
        walk.close()
    faults = [fault for walk in walks for fault in walk.faults]
    assert not faults, "\n".join(faults)


def test_the_pages_of_an_empty_installation(empty: Filled, look: Look):
    for width, scheme in CORNERS:
        look(empty, "empty", width, scheme).look("first_set_up", empty.said["link"])
    said = answer(start_script(empty.server, "nothing.py", "eve"))
    stranger = look(empty, "empty", 390, "dark")
    stranger.look("set_up", said["link"])
    stranger.page.get_by_label("Password").fill(PASSWORD)
    stranger.page.get_by_role("button", name="Create account").click()
    stranger.page.wait_for_url("**/")
    look(empty, "empty", 390, "dark", empty.session(EVE, PASSWORD)).through(said["visits"])


def test_every_page_says_what_it_shows(everything: Filled):
    assert everything.said["missing"] == [], "say in tests/server/pages/visits.py what these show"


@pytest.mark.parametrize(("width", "scheme"), CORNERS)
def test_each_page(everything: Filled, look: Look, width: int, scheme: str):
    walk = look(everything, "everything", width, scheme, everything.session(EVE, PASSWORD))
    walk.through(reversed(dict(reversed(everything.said["visits"])).items()))


@pytest.mark.stress
@pytest.mark.parametrize(("width", "scheme"), [*CORNERS, *OTHER_CORNERS])
def test_each_page_with_each_state_of_what_it_shows(everything: Filled, look: Look, width: int, scheme: str):
    look(everything, "everything", width, scheme, everything.session(EVE, PASSWORD)).through(everything.said["visits"])


@pytest.mark.parametrize("who", ["tom", "maria"])
def test_the_first_pages_of_others(everything: Filled, look: Look, who: str):
    session = everything.session(f"{who}@fernhill.example", everything.said["password"])
    named = {"portfolio:home", "jobs:inbox", "releases:release", "decisions:show", "systems:show"}
    paths = {name: path for name, path in reversed(everything.said["visits"]) if name in named}
    look(everything, who, 390, "light", session).through(paths.items(), tabs=False)


def test_pages_that_refuse(everything: Filled, look: Look):
    walk = look(everything, "refused", 390, "dark", everything.session("noa@example.com", PASSWORD))
    walk.look("home", "/")
    walk.look("refused", "/audit/", 403)
    walk.look("not_found", "/nowhere", 404)


@pytest.mark.parametrize(("width", "scheme"), CORNERS)
def test_the_pages_of_signing_in(everything: Filled, look: Look, width: int, scheme: str):
    walk = look(everything, "entrance", width, scheme)
    walk.look("entrance", "/accounts/inactive/")
    walk.look("entrance", "/accounts/3rdparty/login/cancelled/")
    walk.look("entrance", "/accounts/3rdparty/login/error/", 401)
    walk.look("sign_in", "/accounts/login/")
    enter(walk, PASSWORD[:-1])
    walk.look_again("sign_in", "/accounts/login/?refused")
    enter(walk, PASSWORD)
    walk.look_again("code", "/accounts/2fa/authenticate/")
    walk.page.get_by_label("Code").fill(everything.said["codes"].pop())
    walk.page.get_by_role("button", name="Sign in").click()
    walk.page.wait_for_url("**/")
    walk.look("confirm", "/accounts/reauthenticate/")
    walk.look("confirm", "/accounts/2fa/reauthenticate/")
    walk.page.goto("/accounts/reauthenticate/")
    walk.page.get_by_label("Password").fill(PASSWORD)
    walk.page.get_by_role("button", name="Confirm").click()
    walk.page.wait_for_load_state()
    for path in ("", "totp/deactivate/", "recovery-codes/", "recovery-codes/generate/"):
        walk.look("second_factor", f"/accounts/2fa/{path}")


def enter(walk: Walk, password: str) -> None:
    walk.page.fill("[name=login]", "sam@example.com")
    walk.page.fill("[name=password]", password)
    walk.page.get_by_role("button", name="Sign in", exact=True).click()
    walk.page.wait_for_load_state()
