"""Security headers on every answer, errors and static files included. Whatever a view forgot, this one did not."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from harness.portal.settings import PORTAL

_EVIDENCE = PORTAL.evidence_url
PORTAL_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        f"img-src 'self' {_EVIDENCE}",
        f"frame-src {_EVIDENCE}",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
EVIDENCE_POLICY = f"sandbox; default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors {PORTAL.url}"

_ALWAYS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with `no-referrer` browsers would hide our own origin from us
    "Permissions-Policy": "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), "
    "microphone=(), geolocation=(), usb=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def headers_for(host: str) -> dict[str, str]:
    """The headers of an answer of this host."""
    if host == PORTAL.evidence_origin.netloc:
        own = {"Content-Security-Policy": EVIDENCE_POLICY, "Cross-Origin-Resource-Policy": "cross-origin"}
    else:
        own = {
            "Content-Security-Policy": PORTAL_POLICY,
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Frame-Options": "DENY",
        }
    return _ALWAYS | own


class Headers:
    """The outermost middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and put the headers on."""
        response = self.get_response(request)
        for name, value in headers_for(request.META.get("HTTP_HOST", "")).items():
            response.headers[name] = value
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response
