"""Run on the data of a server: migrate, publish a standard, enter a key, make a token; print the token."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path


def main(standard: Path, key: str) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from django.utils import timezone

    from roadworthy.server.access.actor import Door
    from roadworthy.server.access.permissions import Permission
    from roadworthy.server.accounts.models import Grant, Role, User
    from roadworthy.server.accounts.reach import actor_of
    from roadworthy.server.accounts.tokens import make_token
    from roadworthy.server.releases.models import TrustedKey
    from roadworthy.server.standards.models import StandardState, StandardVersion
    from roadworthy.standard.load import seal_standard
    from roadworthy.standard.model import Standard

    content = standard.read_text()
    loaded = seal_standard(Standard.model_validate_json(content))
    StandardVersion.objects.filter(in_force=True).update(in_force=False)
    StandardVersion.objects.create(
        standard=loaded.standard.id,
        version=loaded.standard.version,
        title=loaded.standard.title,
        digest=loaded.digest,
        content=content,
        state=StandardState.PUBLISHED,
        in_force=True,
        accepted=True,
        published_at=timezone.now(),
    )
    TrustedKey.objects.create(key_id=key, name="Build pipeline")
    user = User.objects.create_user("ci@example.com", "Build pipeline")
    Grant.objects.create(role=Role.objects.get(slug="engineer"), user=user)
    held = [Permission.RELEASE_PUSH, Permission.RELEASE_READ, Permission.SYSTEM_CREATE]
    held += [Permission.CLEARANCE_READ, Permission.FINDING_READ]
    _, secret = make_token(actor_of(user, Door.PAGE), "ci", held, timezone.now() + timedelta(days=1))
    sys.stdout.write(json.dumps({"token": secret}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
