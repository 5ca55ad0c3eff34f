"""What the tests of SCIM share."""

from __future__ import annotations

import pytest
from identity_provider import IdentityProvider
from server_people import People

from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.models import User


@pytest.fixture
def admin(people: People) -> User:
    """Return the administrator who made the token."""
    return people.person("administrator")


@pytest.fixture
def idp(people: People, admin: User) -> IdentityProvider:
    """Return an identity provider whose token provisions, and does nothing else."""
    return IdentityProvider(people.token(admin, Permission.SCIM_MANAGE))
