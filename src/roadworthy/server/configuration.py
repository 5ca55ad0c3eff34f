"""What the server is told by its environment: one typed class, each setting with its meaning and default."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from roadworthy.core.errors import InputError

PREFIX = "ROADWORTHY_"


def _data_home() -> Path:
    import os

    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "roadworthy"


def _near(host: str) -> str:
    """Return how a program on this machine writes the address that is listened on."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104
    return everywhere.get(host, f"[{host}]" if ":" in host else host)


class Configuration(BaseSettings):
    """Settings of the server, read from environment variables of the same name with ROADWORTHY_ before them."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, use_attribute_docstrings=True, populate_by_name=True
    )

    data: Path = Field(default_factory=_data_home)
    """Directory of the SQLite database, the evidence, the server's keys and the heads of the audit trail."""
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    """postgres://user:password@host:5432/name, or sqlite:///path; without it, SQLite in the data directory."""
    database_pool: int = Field(default=4, ge=0)
    """Connections that each process keeps to PostgreSQL; 0 opens one for each request."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(default=8000, ge=0, le=65535)
    """Port to listen on; 0 picks a free one at each start."""
    base_url: str = Field(default_factory=lambda given: f"http://{_near(given['host'])}:{given['port']}")
    """Address under which people reach the server; links in mail and webhooks start with it."""
    workers: int = Field(default=1, ge=1)
    """Processes that answer requests."""
    threads: int = Field(default=4, ge=1)
    """Requests that one process answers at a time."""
    hosts: str = ""
    """Host names that requests may name, separated by commas, beside that of the base URL."""
    secret_key: SecretStr = SecretStr("")
    """Secret that signs sessions; without it, one is made and kept in the data directory."""
    behind_proxy: bool = False
    """Trust X-Forwarded-Proto and X-Forwarded-For; only where nobody can reach the server past its proxy."""
    max_upload_mb: int = Field(default=512, ge=1)
    """Largest bundle or document that is received, in MiB."""
    session_hours: int = Field(default=12, ge=1)
    """A person signs in again after this time."""
    require_mfa: bool = False
    """Everybody who signs in with a password needs a second factor."""
    sign_in_limit: str = "10/m"
    """Failed sign-ins that one address may make to accounts new to it, as number/(s, m, h or d)."""
    language: Literal["en"] = "en"
    """Language of the pages."""
    time_zone: str = "UTC"
    """Zone in which days begin and deadlines end, for example Europe/Berlin."""
    weekend: str = "6,7"
    """Days that are no business days: 1 is Monday, 7 is Sunday."""
    holidays: str = ""
    """Further days that are no business days: 2026-12-25,2027-01-01."""
    oidc_issuer: str = ""
    """Address of an OpenID Connect provider; people sign in there when it is set."""
    oidc_client_id: str = ""
    """Name of this server at the provider."""
    oidc_client_secret: SecretStr = SecretStr("")
    """Secret of this server at the provider."""
    oidc_name: str = "Single sign-on"
    """Label of the button that leads to the provider."""
    email_url: SecretStr = SecretStr("")
    """smtp://user:password@host:587 or smtps://...; without it, no mail is sent and the inbox alone tells people."""
    email_from: str = "roadworthy@localhost"
    """Sender of mail."""
    s3_bucket: str = ""
    """Bucket that holds the evidence, instead of the data directory."""
    s3_endpoint: str = ""
    """Address of an S3 service other than Amazon's."""
    s3_region: str = ""
    """Region of the bucket."""
    s3_prefix: str = ""
    """What the names of objects start with."""
    s3_lock_days: int = Field(default=0, ge=0)
    """Days for which each object is locked against deletion (object lock, compliance mode); 0 sets no lock."""
    drafter_url: str = ""
    """Address of an OpenAI-compatible service, such as http://127.0.0.1:8000/v1, whose model suggests from briefs."""
    drafter_model: str = ""
    """Name of that model. Without both, briefs are read by rules alone; with them, a person sends each one."""
    drafter_key: SecretStr = SecretStr("")
    """Key of that service."""
    drafter_seconds: float = Field(default=30, gt=0, le=120)
    """How long an answer of that model may take."""
    allow_private_webhooks: bool = False
    """Let webhooks go to addresses of the private network, too."""
    retention_days: int = Field(default=90, ge=1)
    """Days after which read notices and finished deliveries are removed; the record itself is kept for ever."""
    log_format: Literal["text", "json"] = "text"
    """How the log is written."""
    debug: bool = False
    """For developing Roadworthy itself; shows internals to whoever asks."""

    @property
    def database(self) -> str:
        """Return the address of the database in force."""
        return self.database_url or f"sqlite:///{quote(str(self.data / 'roadworthy.sqlite'))}"


@lru_cache(maxsize=1)
def configuration() -> Configuration:
    """Read the configuration once; raises InputError that names the variable."""
    try:
        return Configuration()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        shown = name if name.startswith("DATABASE") else f"{PREFIX}{name}"
        raise InputError(f"{shown}: {first['msg']}", remedy="docs/configuration.md says what it takes.") from error
