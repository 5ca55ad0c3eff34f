"""Checks of other services: the mail server, the provider of identities, the bucket."""

from __future__ import annotations

import json
import smtplib
import socket
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from roadworthy.core.errors import RoadworthyError
from roadworthy.server.configuration import PREFIX, configuration
from roadworthy.server.doctor.check import Answer, failed, ok, warning
from roadworthy.server.evidence.files import store
from roadworthy.server.evidence.s3_store import S3Store
from roadworthy.server.jobs.mail import mail_settings

SECONDS = 5
_LARGEST = 1024 * 1024
_NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


def mail() -> Answer:
    """Check that the mail server answers; nothing is sent."""
    url = configuration().email_url.get_secret_value()
    if not url:
        return ok("no mail is configured: the inbox alone tells people")
    try:
        given = mail_settings(url)
        connect = smtplib.SMTP_SSL if given["use_ssl"] else smtplib.SMTP
        with connect(given["host"], given["port"], timeout=SECONDS) as server:
            if given["use_tls"]:
                server.starttls()
            if given["username"]:
                server.login(given["username"], given["password"])
    except RoadworthyError as error:
        return failed(error.problem, error.remedy or "")
    except (OSError, smtplib.SMTPException) as error:
        return failed(f"the mail server does not take what is sent: {_why(error)}", f"Check {PREFIX}EMAIL_URL.")
    if configuration().email_from.endswith("@localhost"):
        return warning(
            f"mail comes from {configuration().email_from}", f"Set {PREFIX}EMAIL_FROM to an address of yours."
        )
    return ok(f"{given['host']} answers")


def identities() -> Answer:
    """Check that the provider of identities describes itself, as the issuer that is configured."""
    issuer = configuration().oidc_issuer
    if not issuer:
        return ok("people sign in with a password: no provider is configured")
    remedy = f"Check {PREFIX}OIDC_ISSUER, and that this machine reaches it."
    if urlsplit(issuer).scheme not in {"http", "https"}:
        return failed(f"{issuer} is no address of a provider", remedy)
    asked = Request(f"{issuer.rstrip('/')}/.well-known/openid-configuration")  # noqa: S310
    try:
        with urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310
            told = json.loads(answer.read(_LARGEST))
    except (URLError, OSError, ValueError) as error:
        return failed(f"{issuer} does not describe itself: {_why(error)}", remedy)
    lacking = [name for name in _NEEDED if not (isinstance(told, dict) and told.get(name))]
    if lacking:
        return failed(f"what {issuer} says of itself lacks {', '.join(lacking)}", remedy)
    if told["issuer"].rstrip("/") != issuer.rstrip("/"):
        return failed(f"{issuer} calls itself {told['issuer']}", f"Set {PREFIX}OIDC_ISSUER to that.")
    return ok(f"{issuer} answers")


def bucket() -> Answer:
    """Check that objects are locked as the settings say, where evidence is kept in a bucket."""
    given = configuration()
    if not given.s3_bucket:
        return ok("evidence is kept in the data directory")
    try:
        kept = store()
        locks = isinstance(kept, S3Store) and kept.locks()
    except RoadworthyError as error:
        return failed(error.problem, error.remedy or "")
    if given.s3_lock_days and not locks:
        return failed(
            f"{given.s3_bucket} has no object lock, but {PREFIX}S3_LOCK_DAYS asks for {given.s3_lock_days} days",
            "Make a bucket with object lock; it cannot be added in every service.",
        )
    if not given.s3_lock_days:
        return warning(
            f"objects in {given.s3_bucket} can be deleted by whoever has its credentials",
            f"Set {PREFIX}S3_LOCK_DAYS to the days for which evidence must stay.",
        )
    return ok(f"objects in {given.s3_bucket} are locked for {given.s3_lock_days} days")


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, socket.gaierror):
        return "its name is not known"
    return str(reason).splitlines()[0] if str(reason) else type(error).__name__
