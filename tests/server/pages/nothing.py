"""Run on the data of an empty server: print the link of the first administrator; with `eve`, invite somebody into
every role instead, and print her link and the pages that name no object.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))


def main(eve: bool) -> None:
    """Prepare the database and print the link."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from django.urls import reverse

    from roadworthy.server.access.actor import server_actor
    from roadworthy.server.access.roles import ROLES
    from roadworthy.server.accounts.grants import make_grant
    from roadworthy.server.accounts.people import invite
    from roadworthy.server.accounts.setup import make_first_link

    if not eve:
        sys.stdout.write("\n" + json.dumps({"link": f"/set-up/{make_first_link()}"}))
        return
    from visits import OBJECTS, ONLY_ASKED, pages

    person, secret = invite(server_actor(), "eve@example.com", "Eve Everywhere")
    for role in ROLES:
        make_grant(server_actor(), role, person=person.pk)
    visits = [[name, reverse(name)] for name in pages() if name not in OBJECTS.keys() | ONLY_ASKED]
    sys.stdout.write("\n" + json.dumps({"link": f"/set-up/{secret}", "visits": visits}))


if __name__ == "__main__":
    main(sys.argv[1:] == ["eve"])
