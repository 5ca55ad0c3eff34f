"""Doors of the app: people are for who manages accounts; oneself, one's tokens and delegations are one's own."""

from __future__ import annotations

from roadworthy.server.access.doors import PUBLIC, SIGNED_IN, opens
from roadworthy.server.access.permissions import Permission

MANAGE = Permission.ACCOUNT_MANAGE

opens(
    {
        "GET people:set_up": PUBLIC,
        "POST people:set_up": PUBLIC,
        "GET account_login": PUBLIC,
        "POST account_login": PUBLIC,
        "GET account_logout": SIGNED_IN,
        "POST account_logout": SIGNED_IN,
    }
)
opens(
    {
        "GET api:me": SIGNED_IN,
        "PATCH api:me": SIGNED_IN,
        "GET api:people": MANAGE,
        "POST api:people": MANAGE,
        "GET api:person": MANAGE,
        "PATCH api:person": MANAGE,
        "POST api:person_deactivate": MANAGE,
        "POST api:person_reactivate": MANAGE,
        "POST api:person_link": MANAGE,
        "POST api:person_end_sessions": MANAGE,
        "DELETE api:person_second_factor": MANAGE,
        "GET api:groups": MANAGE,
        "POST api:groups": MANAGE,
        "GET api:group": MANAGE,
        "PATCH api:group": MANAGE,
        "DELETE api:group": MANAGE,
        "GET api:group_members": MANAGE,
        "PUT api:group_member": MANAGE,
        "DELETE api:group_member": MANAGE,
        "GET api:permissions": SIGNED_IN,
        "GET api:roles": SIGNED_IN,
        "POST api:roles": MANAGE,
        "GET api:role": SIGNED_IN,
        "PUT api:role": MANAGE,
        "DELETE api:role": MANAGE,
        "GET api:grants": MANAGE,
        "POST api:grants": MANAGE,
        "DELETE api:grant": MANAGE,
        "GET api:units": SIGNED_IN,
        "POST api:units": MANAGE,
        "GET api:unit": SIGNED_IN,
        "PUT api:unit": MANAGE,
        "DELETE api:unit": MANAGE,
        "GET api:product_lines": SIGNED_IN,
        "POST api:product_lines": MANAGE,
        "GET api:product_line": SIGNED_IN,
        "PUT api:product_line": MANAGE,
        "DELETE api:product_line": MANAGE,
        "GET api:tokens": SIGNED_IN,
        "POST api:tokens": SIGNED_IN,
        "DELETE api:token": SIGNED_IN,
        "GET api:delegations": SIGNED_IN,
        "POST api:delegations": SIGNED_IN,
        "DELETE api:delegation": SIGNED_IN,
    }
)
