"""Django's settings, made from the configuration."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from roadworthy.server.configuration import configuration
from roadworthy.server.database import database
from roadworthy.server.secrets import secret_key

_configuration = configuration()
_public = urlsplit(_configuration.base_url)
_https = _public.scheme == "https"

_issuer = urlsplit(_configuration.oidc_issuer)
_provider = [f"{_issuer.scheme}://{_issuer.netloc}"] if _issuer.netloc else []  # where the form of signing in leads

SECRET_KEY = secret_key(_configuration)
DEBUG = _configuration.debug
ALLOWED_HOSTS = [
    name
    for name in {_public.hostname, "127.0.0.1", "localhost", *_configuration.hosts.replace(" ", "").split(",")}
    if name
]
ROOT_URLCONF = "roadworthy.server.urls"
WSGI_APPLICATION = "roadworthy.server.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

APPS = [
    "shell",
    "wire",
    "audit",
    "accounts",
    "jobs",
    "webhooks",
    "standards",
    "systems",
    "evidence",
    "releases",
    "findings",
    "assessments",
    "decisions",
    "portfolio",
    "doctor",
]
"""The apps of this server, lowest first."""
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
    *(f"roadworthy.server.{name}" for name in APPS),  # before allauth, whose templates the shell replaces
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
]
MIDDLEWARE = [
    "roadworthy.server.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "roadworthy.server.accounts.middleware.ActorMiddleware",
    "roadworthy.server.wire.idempotency.IdempotencyMiddleware",
    "roadworthy.server.accounts.door.DoorMiddleware",
    "roadworthy.server.api.strictness.StrictQueryMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "roadworthy.server.shell.context.shell",
            ],
            "builtins": ["roadworthy.server.shell.templatetags.roadworthy", "django.templatetags.i18n"],
        },
    }
]

FORM_RENDERER = "roadworthy.server.shell.form_renderer.Renderer"

DATABASES = {"default": database(_configuration.database, _configuration.database_pool)}
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "roadworthy.server.accounts.adapter.AccountAdapter"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
CACHES = {"default": {"BACKEND": "roadworthy.server.accounts.shared_cache.SharedCache"}}
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": f"{_configuration.sign_in_limit}/ip,5/5m/key"}
SOCIALACCOUNT_ADAPTER = "roadworthy.server.accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # only where the provider says that it verified the address
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": []}}
if _configuration.oidc_issuer:
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"].append(
        {
            "provider_id": "sso",
            "name": _configuration.oidc_name,
            "client_id": _configuration.oidc_client_id,
            "secret": _configuration.oidc_client_secret.get_secret_value(),
            "settings": {"server_url": _configuration.oidc_issuer},
        }
    )
MFA_TOTP_ISSUER = "Roadworthy"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up by themselves, so that no address is another's
MFA_ADAPTER = "roadworthy.server.accounts.adapter.MfaAdapter"

LANGUAGE_CODE = _configuration.language
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = _configuration.time_zone
FORMAT_MODULE_PATH = ["roadworthy.server.shell.formats"]

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
FILE_UPLOAD_HANDLERS = ["roadworthy.server.evidence.upload_handler.LimitedUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

SESSION_COOKIE_AGE = _configuration.session_hours * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = True
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
CSRF_FAILURE_VIEW = "roadworthy.server.shell.failures.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
X_FRAME_OPTIONS = "DENY"
if _configuration.behind_proxy:
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # the address that sign-ins are counted by is what this proxy adds
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *_provider],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "roadworthy.server.log_format.TextFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        },
        "json": {"()": "roadworthy.server.log_format.JsonFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": _configuration.log_format}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"roadworthy": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
