"""Run on the data of a server: publish the small standard, enter the pipeline's key, make the people."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "releases"))
PASSWORD = "a long enough password"
PEOPLE = {
    "eva": ("Eva Engineer", "engineer"),
    "rosa": ("Rosa Lead", "risk-lead"),
    "wim": ("Wim Writer", "writer"),
    "ada": ("Ada Approver", "responsible-ai"),
    "otto": ("Otto Admin", "administrator"),
}


def main(standard: Path, key: str) -> None:
    import seed_server

    seed_server.main(standard, key)
    from django.utils import timezone

    from roadworthy.server.access.actor import Door
    from roadworthy.server.access.permissions import Permission
    from roadworthy.server.access.roles import SIGN
    from roadworthy.server.accounts.models import Grant, Role, User
    from roadworthy.server.accounts.reach import actor_of
    from roadworthy.server.accounts.tokens import make_token

    for slug in ("risk-lead", "writer"):
        permissions = sorted(map(str, SIGN))
        Role.objects.get_or_create(slug=slug, defaults={"title": slug, "permissions": permissions, "signs": True})
    for short, (name, role) in PEOPLE.items():
        user = User.objects.create_user(f"{short}@example.com", name, PASSWORD)
        Grant.objects.create(role=Role.objects.get(slug=role), user=user)
    pipeline = actor_of(User.objects.get(email="ci@example.com"), Door.PAGE)
    held = [Permission.RELEASE_PUSH, Permission.RELEASE_READ, Permission.SYSTEM_CREATE, Permission.CLEARANCE_READ]
    _, secret = make_token(pipeline, "pipeline", held, timezone.now() + timedelta(days=1))
    sys.stdout.write("\n" + json.dumps({"token": secret}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
