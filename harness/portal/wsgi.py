"""The portal as a WSGI application: our pages, static files beside them, headers on both."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers as HeaderList

from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

from harness.portal.middleware.headers import headers_for
from harness.portal.settings import PORTAL


def application() -> Any:
    """What a server runs. Behind a TLS proxy the scheme is that of the portal's own address."""
    pages: Any = get_wsgi_application()
    static: Any = WhiteNoise(
        pages,
        root=Path(__file__).parent / "static",
        prefix="static/",
        max_age=86_400,
        add_headers_function=_headers,
        allow_all_origins=False,
    )

    def run(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.url_scheme"] = PORTAL.origin.scheme
        if environ.get("HTTP_HOST") != PORTAL.origin.netloc:
            answer: Iterable[bytes] = pages(environ, start_response)
            return answer
        found: Iterable[bytes] = static(environ, start_response)
        return found

    return run


def _headers(headers: HeaderList, path: str, url: str) -> None:
    for name, value in headers_for(PORTAL.origin.netloc).items():
        headers[name] = value
