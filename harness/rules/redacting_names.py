"""What is secret because of what it is called: headers, cookies, fields and parameters.

The name stays, the value goes. What is visibly a stand-in already (`$HARNESS_TOKEN`, `[redacted…]`,
`***`) stays too, so that a printed `curl` line can still be used.
"""

import re
from collections.abc import Callable

HIDDEN = "[redacted]"

_EXACT = frozenset(
    re.findall(
        r"\w+",
        """
    authorization proxyauthorization cookie cookies setcookie xapikey apikey xauthtoken authtoken token
    accesstoken refreshtoken idtoken sessiontoken csrftoken xcsrftoken xsrftoken xxsrftoken securitytoken
    xamzsecuritytoken bearertoken apitoken usertoken devicetoken otp totp password passwd pwd passphrase passcode
    secret clientsecret secretkey accesskey secretaccesskey privatekey signingkey encryptionkey apisecret
    credential credentials clientassertion session sessionid sessionkey jsessionid phpsessid connectsid
    ocpapimsubscriptionkey subscriptionkey xgoogapikey xaccesstoken
    """,
    )
)
_ENDINGS = ("password", "passwd", "passphrase", "secret", "apikey", "privatekey", "secretkey", "accesstoken")
_WORDS_OF_VARIABLES = frozenset(
    re.findall(
        r"\w+",
        "secret secrets token tokens password passwd pwd pass passphrase passcode pin key apikey credential "
        "credentials",
    )
)
_SEPARATORS = str.maketrans("", "", "-_. ")

_WORDS = (
    r"(?:proxy-)?authorization|(?:set-)?cookie|(?:[a-z]{1,10}-){0,3}api[-_]?key|x-(?:auth|csrf|xsrf|access)-token|"
    r"ocp-apim-subscription-key|x-amz-security-token"
)
_FIELDS = (
    r"(?:[a-z0-9]{1,20}[-_.]){0,3}(?:password|passwd|pwd|passphrase|secret|client_?secret|secret_?key|access_?key|private_?key|"
    r"api[-_]?key|(?:access|refresh|id|session|auth|csrf|xsrf|api|security)[-_]?token|token|"
    r"session(?:[-_]?id)?|jsessionid|phpsessid|credentials?|client_?assertion)"
)
_STAND_IN = re.compile(
    r"""(?:[A-Za-z]+\s+)?(?:\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|\{[A-Za-z_.]+\}|<[A-Za-z _-]+>|\*{3,}|•{3,}|
    \[(?:redacted|filtered|hidden|withheld)[^\]]*\]|null|none|true|false|undefined)\W*""",
    re.VERBOSE | re.IGNORECASE,
)
# `Authorization: Bearer abc`, in a log, a raw request or a curl line
_HEADER = re.compile(rf"(?<![A-Za-z0-9_-])({_WORDS})(\\*[\"']?\s*:[ \t]*)([^\r\n\"'\\]+)", re.IGNORECASE)
# `?token=abc&…`, `password=abc`, `password = "abc"`
_PARAMETER = re.compile(
    rf"(?<![A-Za-z0-9])({_FIELDS})(=|%3D|\s=\s(?=[\"']))(\\?[\"'])?(\[(?:redacted|hidden)[^\]]*\]|[^&\s\"'<>;,)\]}}\\]+)",
    re.IGNORECASE,
)
# `https://…?code=abc&sig=def`: what only a URL's query means as a secret, where it is long enough to be one
_IN_QUERY = r"(?:code|key|sig|signature|x-(?:amz|goog)-signature)"
_QUERY = re.compile(rf"([?&](?:amp;)?{_IN_QUERY}=)([^&\s\"'<>#;,)\]}}\\]{{16,}})", re.IGNORECASE)
_LONG = 16
# `"password": "abc"`, also inside a string or a page where the quotes are escaped
_MEMBER = re.compile(
    rf"(\\{{0,8}}[\"']|&(?:amp;)?(?:quot|apos|#34|#39);)({_FIELDS}|{_WORDS})\1(\s*:\s*)(?:\1((?:\\\\\\.|(?!\1)(?:\\.|.))*)\1|(\d+))",
    re.IGNORECASE | re.DOTALL,
)
# a line of YAML or of properties: `password: abc`
_LINE = re.compile(rf"^([ \t]*(?:- )?{_FIELDS}:[ \t]+)(\S+)([ \t]*)$", re.IGNORECASE | re.MULTILINE)
_ELEMENT = re.compile(rf"<((?:\w+:)?(?:{_FIELDS}))((?:\s[^<>]*)?)>([^<>]+)</\1>", re.IGNORECASE)
_INPUT = re.compile(r"<input\b[^<>]*\btype\s*=\s*[\"']?password\b[^<>]*>", re.IGNORECASE)
_INPUT_VALUE = re.compile(r"(\bvalue\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s>\"']+)", re.IGNORECASE)
_PAIR = re.compile(r"([^=;\s]+)=([^;]*)")
_HINTS = (
    "auth",
    "cookie",
    "key",
    "token",
    "pass",
    "pwd",
    "secret",
    "session",
    "jsess",
    "phpsess",
    "credential",
    "assertion",
    "code=",
    "sig=",
    "signature=",
)


def is_secret(name: str) -> bool:
    """Whether a field, header, cookie or parameter of that name holds a secret."""
    if len(name) > 60:
        return False
    bare = name.lower().translate(_SEPARATORS)
    return bare in _EXACT or bare.endswith(_ENDINGS)


def sounds_secret(name: str) -> bool:
    """Whether a variable of that name is meant to hold a secret: `DB_PASSWORD`, `API_KEY`, `TOKEN_OF_CI`."""
    return any(word in _WORDS_OF_VARIABLES for word in re.split(r"[^a-z0-9]+", name.lower())) or is_secret(name)


def may_be_secret_in_query(name: str, value: str) -> bool:
    """Whether a parameter of a URL is secret although its name alone would not say so: a code, a key, a signature."""
    return len(value) >= _LONG and re.fullmatch(_IN_QUERY, name, re.IGNORECASE) is not None


def is_stand_in(value: str) -> bool:
    """Whether a value only stands where a secret would: a variable, a mask, nothing."""
    return not value.strip() or _STAND_IN.fullmatch(value.strip()) is not None


def hidden(name: str, value: str) -> str:
    """A value without what is secret in it: schemes and cookie names stay."""
    bare = name.lower().translate(_SEPARATORS)
    if is_stand_in(value):
        return value
    if bare == "cookie":
        return (
            _PAIR.sub(lambda pair: f"{pair[1]}={pair[2] if is_stand_in(pair[2]) else HIDDEN}", value)
            if "=" in value
            else HIDDEN
        )
    if bare == "setcookie":
        return _PAIR.sub(lambda pair: f"{pair[1]}={pair[2] if is_stand_in(pair[2]) else HIDDEN}", value, count=1)
    scheme, _, rest = value.partition(" ")
    if bare.endswith("authorization") and rest and scheme.isalpha():
        return value if is_stand_in(rest) else f"{scheme} {HIDDEN}"
    return HIDDEN


def may_name_a_secret(text: str) -> bool:
    """A quick look: without any of these words no rule here can match."""
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS)


def hide_named(text: str, count: Callable[[str], None]) -> str:
    """Plain text with the values of secret names hidden; `count` is told each name."""

    def swap(name: str, value: str) -> str:
        after = hidden(name, value)
        if after != value:
            count(name.lower())
        return after

    text = _HEADER.sub(lambda m: f"{m[1]}{m[2]}{swap(m[1], m[3])}", text)
    text = _MEMBER.sub(lambda m: _member(m, swap), text)
    text = _PARAMETER.sub(lambda m: f"{m[1]}{m[2]}{m[3] or ''}{swap('value', m[4]) if is_plain(m[4]) else m[4]}", text)
    text = _QUERY.sub(lambda m: f"{m[1]}{swap('value', m[2])}", text)
    text = _LINE.sub(lambda m: f"{m[1]}{swap('value', m[2])}{m[3]}", text)
    if "<" in text:
        text = _ELEMENT.sub(lambda m: f"<{m[1]}{m[2]}>{swap('value', m[3])}</{m[1]}>", text)
        text = _INPUT.sub(
            lambda m: _INPUT_VALUE.sub(lambda v: f'{v[1]}"{swap("value", v[2].strip(_QUOTES))}"', m[0]), text
        )
    return text


_QUOTES = "\"'"


def is_plain(value: str) -> bool:
    """Not code: `password=os.environ[…]` or a call is no value."""
    return not re.match(r"[A-Za-z_][\w.]*[(\[{]", value)


def _member(match: re.Match[str], swap: Callable[[str, str], str]) -> str:
    quote, name, colon, text, number = match.groups()
    if number is not None:
        return f"{quote}{name}{quote}{colon}{quote}{swap(name, number)}{quote}"
    return f"{quote}{name}{quote}{colon}{quote}{swap(name, text)}{quote}"
