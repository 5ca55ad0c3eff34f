"""What scim2-tester asks of a server, over HTTP, against a server that answers."""

from __future__ import annotations

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server
from scim2_tester.utils import Status

from roadworthy.server.access.permissions import Permission

CHECKS = 60
GOOD = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_checks_of_scim2_tester_pass(transactional_people, live_server):
    secret = transactional_people.token(transactional_people.person("administrator"), Permission.SCIM_MANAGE)
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx2.Client(base_url=f"{live_server.url}/scim/v2", headers=headers) as client:
        results = check_server(SyncSCIMClient(client))
    wrong = [one for one in results if one.status not in GOOD]
    assert not wrong, "\n".join(f"{one.resource_type} {one.title}: {one.reason} {one.data}" for one in wrong)
    assert {"User", "Group"} <= {one.resource_type for one in results}
    assert len(results) > CHECKS
