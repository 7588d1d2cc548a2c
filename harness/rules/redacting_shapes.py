"""What is secret or personal because of what it looks like.

Secrets (JSON Web Tokens, private keys, bearer and basic credentials, passwords in URLs) are hidden.
Personal data (e-mail addresses, phone numbers, payment cards, Chinese resident identity numbers) is
replaced by a pseudonym: the same person gets the same one within a run, so that a failure still makes
sense, and nobody can tell who it was without the run's key. Numbers are taken only if their check digits
hold and they stand alone: order ids, UUIDs, timestamps and digests are left as they are.
"""

import hashlib
import hmac
import re
from collections.abc import Callable

from harness.rules.redacting_names import HIDDEN, is_stand_in

_JWT_PART = re.compile(r"[A-Za-z0-9_-]+")
_JWT_REST = re.compile(r"\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+){0,2}")
_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:(?!-----).)*-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\:,.()-]*)",
    re.DOTALL,
)
_SCHEME = re.compile(r"\b(bearer|basic|digest|negotiate)((?:\s|%20|\+)+)([A-Za-z0-9._~+/=-]{8,})", re.IGNORECASE)
_USERINFO = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20}:\\?/\\?/[^\s/:@\"'\\]{0,100}):([^\s/@\"'\\]{1,200})@")
_KEYS = re.compile(
    r"(?<![A-Za-z0-9])(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|xox[abprs]-[A-Za-z0-9-]{10,}|glpat-[A-Za-z0-9_-]{20,}|"
    r"sk_live_[A-Za-z0-9]{16,}|AIza[A-Za-z0-9_-]{35})(?![A-Za-z0-9])"
)
_AT = re.compile(r"@|%40|\\u0040")
_LOCAL = re.compile(r"[A-Za-z0-9!#$&'*+/=?^_`{|}~.-]{1,64}\Z")
_DOMAIN = re.compile(r"((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8})([A-Za-z]{2,24})(?![A-Za-z0-9-])")
_NOT_DOMAINS = frozenset(
    re.findall(r"\w+", "png jpg jpeg gif svg webp ico js mjs ts css html htm json xml py md txt map woff ttf dat")
)
_RESERVED = re.compile(r"(?:.*\.)?(?:example(?:\.(?:com|org|net|cn))?|test|invalid|localhost|local)", re.IGNORECASE)
_BEFORE, _AFTER = r"(?<![0-9A-Za-z_.+-])", r"(?![0-9A-Za-z_-]|\.[0-9])"
_NUMBER = re.compile(
    rf"{_BEFORE}(?:(?P<identity>[1-9]\d{{16}}[\dXx])|(?P<card>\d{{14,19}}|\d{{4}}(?P<gap>[ -])\d{{4}}"
    rf"(?P=gap)\d{{4}}(?P=gap)\d{{4}}"
    rf"|3\d{{3}}[ -]\d{{6}}[ -]\d{{4,5}})|(?P<mobile>1[3-9]\d(?P<dash>[ -]?)\d{{4}}(?P=dash)\d{{4}})){_AFTER}"
)
_INTERNATIONAL = re.compile(r"(?<![0-9A-Za-z_.+/=])\+[1-9](?:[ ().-]{0,2}\d){8,13}(?![0-9A-Za-z_])")
_ISSUERS = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|2720\d{12}|3[47]\d{13}|6(?:011|5\d\d|4[4-9]\d)\d{12}|"
    r"35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|3(?:0[0-5]|[68]\d)\d{11}"
)
_BIRTH = re.compile(r"\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]")

Count = Callable[[str], None]


def hide_secret_shapes(text: str, count: Count) -> str:
    """Text without what can only be a credential."""

    def hide(kind: str) -> str:
        count(kind)
        return HIDDEN

    if "PRIVATE KEY" in text:
        text = _PEM.sub(lambda _: hide("private-key"), text)
    if "eyJ" in text:
        text = _hide_tokens(text, lambda: hide("jwt"))
    text = _SCHEME.sub(lambda m: f"{m[1]}{m[2]}{hide('credential')}" if _credible(m[1], m[3]) else m[0], text)
    if "@" in text:
        text = _USERINFO.sub(lambda m: m[0] if is_stand_in(m[2]) else f"{m[1]}:{hide('url-password')}@", text)
    return _KEYS.sub(lambda _: hide("api-key"), text)


def hide_people(text: str, key: bytes, count: Count) -> str:
    """Text with personal data replaced by pseudonyms made with the run's `key`."""

    def pseudonym(kind: str, what: str) -> str:
        count(kind)
        return f"{kind}-{hmac.new(key, what.encode('utf-8', 'replace'), hashlib.sha256).hexdigest()[:8]}"

    def number(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match[0]) if match["card"] or match["mobile"] else match[0]
        if match["mobile"]:
            return pseudonym("phone", digits)
        if is_identity_number(match[0]):
            return pseudonym("identity", match[0].upper())
        return pseudonym("card", digits) if is_card_number(digits) else match[0]

    text = _hide_addresses(text, lambda address: f"{pseudonym('person', address.lower())}@redacted.example")
    if "+" in text:
        text = _INTERNATIONAL.sub(lambda m: pseudonym("phone", re.sub(r"\D", "", m[0])), text)
    return _NUMBER.sub(number, text)


def is_card_number(digits: str) -> bool:
    """An issuer's prefix and length, and the check digit of ISO/IEC 7812-1 (Luhn)."""
    if _ISSUERS.fullmatch(digits) is None:
        return False
    doubled = (int(digit) * (2 if at % 2 else 1) for at, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_identity_number(text: str) -> bool:
    """GB 11643: 17 digits with a date of birth, and the check character of ISO 7064 MOD 11-2."""
    if _BIRTH.fullmatch(text) is None:
        return False
    weighted = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(text[:17]))
    return "10X98765432"[weighted % 11] == text[17].upper()


def _hide_tokens(text: str, hide: Callable[[], str]) -> str:
    """JSON Web Tokens, signed or encrypted (RFC 7519); each run of characters is gone through once."""
    pieces: list[str] = []
    done = at = 0
    while (start := text.find("eyJ", at)) >= 0:
        header = _JWT_PART.match(text, start)
        at = header.end() if header else start + 3
        rest = _JWT_REST.match(text, at)
        if rest and at - start > 8:
            pieces += (text[done:start], hide())
            done = at = rest.end()
    return "".join((*pieces, text[done:])) if pieces else text


def _credible(scheme: str, token: str) -> bool:
    """A token has something a word has not, unless it is long: "Basic authentication" is prose."""
    if scheme.lower() in {"digest", "negotiate", "basic"} and len(token) < 40:
        return any(character.isdigit() or character in "+/=" for character in token) or token not in (
            token.lower(),
            token.title(),
        )
    return not token.isalpha() or len(token) > 20


def _hide_addresses(text: str, pseudonym: Callable[[str], str]) -> str:
    """E-mail addresses; reserved domains (RFC 2606, RFC 6761) belong to nobody and stay."""
    pieces: list[str] = []
    done = 0
    for at in _AT.finditer(text):
        local = _LOCAL.search(text[max(done, at.start() - 64) : at.start()])
        domain = _DOMAIN.match(text, at.end())
        if local is None or domain is None or at.start() < done:
            continue
        name = local[0].lstrip("/=?&'.#|{}`")
        if not name or domain[2].lower() in _NOT_DOMAINS or _RESERVED.fullmatch(domain[0]):
            continue
        pieces += (text[done : at.start() - len(name)], pseudonym(f"{name}@{domain[0]}"))
        done = domain.end()
    return "".join((*pieces, text[done:])) if pieces else text
