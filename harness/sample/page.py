"""The page on which a customer places an order, follows it and cancels it: everything under `/app`.

The server renders the frame in English or Chinese and keeps the session in an httpOnly
cookie; what happens on the page goes through the API, as the signed-in customer.
"""

from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs

import jinja2

from harness.sample.answers import Answer, problem
from harness.sample.catalogue import CATALOGUE
from harness.sample.faults import Fault
from harness.sample.hub import Hub
from harness.sample.serving import Receive, Scope, read_all
from harness.sample.store import Customer
from harness.sample.texts import LANGUAGES, Texts

_SESSION, _LANGUAGE = "hub_session", "hub_language"
_TAGS = {"en": "en", "zh": "zh-CN"}
_SAFETY = (
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class Page:
    """The page of one hub. Templates, style and script are read and rendered once."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "pages"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
        )
        self._has = frozenset(fault.value for fault in hub.faults).__contains__
        self._style = self._templates.get_template("page.css").render().encode()
        self._script = self._templates.get_template("page.js").render(has=self._has).encode()

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """One request below `/app`."""
        match scope["method"], scope["path"].removeprefix("/app").rstrip("/"):
            case "GET", "":
                return self._sign_in(scope, failed=False)
            case "GET", "/orders":
                return self._orders(scope)
            case "POST", "/sign-in":
                return self._enter(scope, await _form(receive))
            case "POST", "/sign-out":
                return _go("/app", _cookie(_SESSION, ""))
            case "GET", "/page.css":
                return _file(self._style, b"text/css; charset=utf-8")
            case "GET", "/page.js":
                return _file(self._script, b"text/javascript; charset=utf-8")
            case _:
                return problem(404, "There is no such page.")

    def _sign_in(self, scope: Scope, *, failed: bool) -> Answer:
        if not failed and self._customer(scope) is not None:
            return _go("/app/orders")
        return self._render("sign_in.html", scope, status=401 if failed else 200, failed=failed)

    def _enter(self, scope: Scope, form: dict[str, str]) -> Answer:
        client = self._hub.tokens.client(form.get("login", ""), form.get("password", ""))
        if client is None or client.customer_id is None:
            return self._sign_in(scope, failed=True)
        return _go("/app/orders", _cookie(_SESSION, self._hub.tokens.issue(client)))

    def _orders(self, scope: Scope) -> Answer:
        signed_in = self._customer(scope)
        if signed_in is None:
            return _go("/app", _cookie(_SESSION, ""))
        customer, token = signed_in
        language = _language(scope)
        names = [(one, one.name_zh if language == "zh" else one.name) for one in CATALOGUE]
        products = [
            {"sku": one.sku, "price_cents": one.price_cents, "label": f"{name} – {one.price_cents / 100:.2f} EUR"}
            for one, name in names
        ]
        settings = {
            "token": token,
            "language": _TAGS[language],
            "customerId": customer.id,
            "texts": dict(self._texts(language)),
            "products": [{"sku": one.sku, "name": name} for one, name in names],
        }
        return self._render("orders.html", scope, customer=customer, products=products, settings=settings)

    def _render(self, template: str, scope: Scope, status: int = 200, **values: object) -> Answer:
        language = _language(scope)
        other = "en" if language == "zh" else "zh"
        html = self._templates.get_template(template).render(
            t=self._texts(language),
            language_tag=_TAGS[language],
            other=other,
            other_tag=_TAGS[other],
            has=self._has,
            **values,
        )
        headers = (
            (b"content-type", b"text/html; charset=utf-8"),
            (b"set-cookie", f"{_LANGUAGE}={language}; Path=/app; SameSite=Lax".encode()),
            *_SAFETY,
        )
        return Answer(status=status, headers=headers, body=html.encode())

    def _texts(self, language: str) -> Texts:
        texts = LANGUAGES[language]
        if self._hub.has(Fault.TRANSLATION_MISSING) and language == "zh":
            return {**texts, "submit": LANGUAGES["en"]["submit"]}
        return texts

    def _customer(self, scope: Scope) -> tuple[Customer, str] | None:
        token = _cookies(scope).get(_SESSION, "")
        who = self._hub.tokens.identity(token) if token else None
        if who is None or who.customer_id is None:
            return None
        customer = self._hub.store.customer(who.tenant, who.customer_id)
        return None if customer is None else (customer, token)


def _language(scope: Scope) -> str:
    """What the address asks for, else what was chosen before, else what the browser prefers."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    preferred = next((value for name, value in scope["headers"] if name == b"accept-language"), b"").decode("latin-1")
    browser = "zh" if preferred.strip().lower().startswith("zh") else "en"
    return next((one for one in (asked, _cookies(scope).get(_LANGUAGE, "")) if one in LANGUAGES), browser)


def _cookies(scope: Scope) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                jar.load(value.decode("latin-1"))
            except CookieError:
                return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _cookie(name: str, value: str) -> tuple[bytes, bytes]:
    ended = "" if value else "; Max-Age=0"
    return b"set-cookie", f"{name}={value}; Path=/app; HttpOnly; SameSite=Strict{ended}".encode()


def _go(path: str, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(status=303, headers=((b"location", path.encode()), *headers, *_SAFETY))


def _file(body: bytes, kind: bytes) -> Answer:
    return Answer(status=200, headers=((b"content-type", kind), *_SAFETY), body=body)


async def _form(receive: Receive) -> dict[str, str]:
    raw = await read_all(receive)
    return {name: values[0] for name, values in parse_qs(raw.decode("latin-1")).items()}
