"""Light or dark: a cookie that the server reads, so that pages come in the right colours at once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

COOKIE = "theme"
THEMES = ("light", "dark")
LASTS = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """Return the theme that was chosen; empty follows the device."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in THEMES else ""


def keep_theme(request: HttpRequest, response: HttpResponse, chosen: str) -> None:
    """Remember a theme; anything but light and dark follows the device again."""
    if chosen in THEMES:
        response.set_cookie(COOKIE, chosen, max_age=LASTS, samesite="Lax", secure=request.is_secure(), httponly=True)
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
