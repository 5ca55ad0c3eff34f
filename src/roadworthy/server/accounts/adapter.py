"""How people come in: no sign-up by themselves; accounts of the provider are made on first sign-in."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.db import transaction
from django.http import HttpRequest

from roadworthy.server.access.actor import Door, server_actor
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.sign_in_limit import take_attempt
from roadworthy.server.audit.services import record
from roadworthy.server.sealing import seal, unseal

log = logging.getLogger("roadworthy.accounts")
_FACTOR = "second factor"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts with a password are made by administrators only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse sign-up."""
        return False

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Check the password of who is signed in, under the limits of signing in."""
        found = self.authenticate(context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt, which a success takes back; raises ValidationError where it is one too many."""
        self._login_failed_rl_usage = take_attempt(request, str(credentials.get("email", "")).lower())
        if self._login_failed_rl_usage is None:
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Log it; the trail is for people who are known."""
        log.warning("sign-in failed from %s", self.get_client_ip(request))


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Whoever the provider vouches for may come in, with a mail address that is nobody else's."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Allow the first sign-in over the provider, unless it names no mail address, or one of somebody here.

        Where the provider says that it verified the address, that person was signed in before this is asked.
        """
        email = sociallogin.user.email
        return bool(email) and not User.objects.filter(email__iexact=email).exists()

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> Any:
        """Take the name that the provider gives."""
        user = super().populate_user(request, sociallogin, data)
        user.name = str(data.get("name") or data.get("email") or "")[:200]
        return user

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        """Add the person, who holds no role yet, and record it."""
        with transaction.atomic():
            user = super().save_user(request, sociallogin, form)
            after = {"email": user.email, "name": user.name}
            record(server_actor(Door.PAGE, "single sign-on"), "user.added", user.subject, after=after, row=user)
        return user


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are sealed with a key that the database does not hold."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return seal(text, _FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return unseal(encrypted_text, _FACTOR)
