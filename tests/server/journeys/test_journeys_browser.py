"""Journeys in a real browser: from intake to decision, from CI to clearance, an exception that ends, a change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pushed_bundles import Works
from running_server import Running
from travelling import CHANGED, command, run

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Enter = Callable[[str], Page]


def press(page: Page, name: str) -> None:
    """Press a button of the page itself, not of its frame."""
    page.locator("main").get_by_role("button", name=name, exact=True).first.click()


def push(server: Running, bundle: Path) -> str:
    """Push as the pipeline does; return the path of the release's page."""
    done = command(server, "push", bundle)
    assert done.returncode == 0, done.stdout + done.stderr
    found = [word for word in done.stdout.split() if "/releases/" in word]
    return found[0].removeprefix(server.url)


def sign_requirement(page: Page, release: str, requirement: str, document: Path | None = None) -> None:
    page.goto(f"{release}sign/{requirement}/")
    page.fill("[name=text]", "I have looked at it, and what is left is acceptable.")
    if document:
        page.set_input_files("[name=document]", document)
    press(page, "Sign")
    page.wait_for_url("**/releases/**")


def decide(page: Page, request: str, choice: str = "approve") -> None:
    page.goto(request)
    page.check(f"[name=choice][value='{choice}']")
    page.fill("[name=reason]", "The evidence is there.")
    press(page, "Sign")
    page.wait_for_load_state()


def settle(enter: Enter, server: Running, works: Works, tmp_path: Path) -> tuple[str, str]:
    """Take a pushed release through sign-offs and decision; return the pages of release and request."""
    release = push(server, works.bundle())
    card = tmp_path / "card.md"
    card.write_text("# Order helper\n\nAnswers questions about orders.\n")
    sign_requirement(enter("wim"), release, "system-card", card)
    sign_requirement(enter("rosa"), release, "go-live")
    eva = enter("eva")
    eva.goto(f"{release}decision/")
    eva.fill("[name=environments]", "prod")
    press(eva, "Ask for a decision")
    eva.wait_for_url("**/decisions/**")
    request = eva.url.removeprefix(server.url)
    decide(enter("ada"), request)
    return release, request


def clearance(server: Running, works: Works) -> int:
    done = command(server, "clearance", "--bundle", works.bundle(), "--environment", "prod")
    return done.returncode


def test_from_intake_to_decision_with_four_roles(enter, server, works, tmp_path):
    eva = enter("eva")
    eva.goto("/register/")
    press(eva, "Begin")
    fill_intake(eva)
    press(eva, "Submit")
    eva.wait_for_url("**/systems/**")
    expect(eva.locator("main")).to_contain_text("must be true")
    release, request = settle(enter, server, works, tmp_path)
    page = enter("ada")
    page.goto(request)
    expect(page.locator("main")).to_contain_text("Ada Approver")
    expect(page.locator("main")).to_contain_text("approved", ignore_case=True)
    page.goto(release)
    expect(page.locator(".stamp, main").first).to_contain_text("Ship", ignore_case=True)


def fill_intake(page: Page) -> None:
    """Answer every step of the guided form."""
    answers = {
        "title": "Order desk",
        "system": "order-desk",
        "purpose": "Answers questions about orders.",
        "owner.team": "Orders",
        "owner.contact": "orders@example.com",
        "users.who": "customers",
        "regions": "US",
        "models-0-id": "main",
        "models-0-provider": "openai",
        "models-0-name": "gpt-4o",
    }
    for _ in range(12):
        if page.get_by_role("button", name="Submit", exact=True).count():
            return
        for name, value in answers.items():
            for field in (page.locator(f"[name='{name}']"), page.locator(f"[name='{name.replace('.', '__')}']")):
                if field.count() and field.first.is_visible():
                    field.first.fill(value)
        kind = page.locator("select[name=kind]")
        if kind.count():
            kind.select_option("assistant")
        press(page, "Save and go on")
        page.wait_for_load_state()
    raise AssertionError(f"the summary was not reached: {page.url}")


def test_from_a_push_of_ci_to_clearance(enter, server, works, tmp_path):
    push(server, works.bundle())
    assert clearance(server, works) == 1
    settle(enter, server, works, tmp_path)
    assert clearance(server, works) == 0


def test_nobody_decides_what_they_asked_for(enter, server, works, tmp_path):
    release = push(server, works.bundle())
    eva = enter("eva")
    eva.goto(f"{release}decision/")
    eva.fill("[name=environments]", "prod")
    press(eva, "Ask for a decision")
    eva.wait_for_url("**/decisions/**")
    assert eva.locator("[name=choice]").count() == 0


def test_an_exception_that_expires_blocks_again(enter, server, works, tmp_path):
    release = push(server, works.bundle())
    card = tmp_path / "card.md"
    card.write_text("# Order helper\n")
    sign_requirement(enter("wim"), release, "system-card", card)
    eva = enter("eva")
    eva.goto(f"{release}exception/")
    eva.select_option("[name=requirement]", "go-live")
    eva.select_option("[name=category]", index=1)
    eva.fill("[name=reason]", "The lead is away.")
    eva.fill("[name=compensating_control]", "A person reads every answer.")
    eva.fill("[name=until]", (date.today() + timedelta(days=10)).isoformat())
    press(eva, "Ask for the exception")
    eva.wait_for_url("**/exceptions/**")
    asked = eva.url.removeprefix(server.url)
    rosa = enter("rosa")
    rosa.goto(asked)
    rosa.check("[name=choice][value='approve']")
    rosa.fill("[name=reason]", "For these days only.")
    rosa.locator("main form").filter(has=rosa.locator("[name=choice]")).get_by_role("button").first.click()
    rosa.wait_for_load_state()
    rosa.goto(release)
    expect(rosa.locator("main")).to_contain_text("Waived")
    run(server, "later.py", 12)
    rosa.goto(asked)
    expect(rosa.locator("main")).to_contain_text("expired", ignore_case=True)
    rosa.goto(release)
    expect(rosa.locator("h1 ~ p, main").first).to_contain_text("Hold", ignore_case=True)


def test_a_change_reopens_what_was_approved(enter, server, works, tmp_path):
    _, request = settle(enter, server, works, tmp_path)
    assert clearance(server, works) == 0
    push(server, works.bundle(**CHANGED))
    page = enter("ada")
    page.goto(request)
    expect(page.locator("main")).to_contain_text("reopened", ignore_case=True)
    assert clearance(server, works) == 1
