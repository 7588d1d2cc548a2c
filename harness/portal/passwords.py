"""Passwords: Argon2id, and which are good enough.

Long ones, nothing from the list of what everybody uses, nothing that is the person's own name. No other rules:
a password alone never signs anything here.
"""

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

LEAST = 12
MOST = 200


class Argon2id(Argon2PasswordHasher):
    """Argon2id at 19 MiB, 2 passes, 1 lane: the floor that is recommended for servers."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


def hashed(password: str) -> str:
    """As it is stored."""
    return make_password(password)


def matches(password: str, stored: str) -> bool:
    """Whether it is the one; takes as long where there is none stored."""
    if not stored:
        check_password(password, _DUMMY)
        return False
    return check_password(password, stored)


def trouble(password: str, *about: str) -> str:
    """What is wrong with a new password, as a key of the words; empty where it will do."""
    if len(password) < LEAST:
        return "password.short"
    if len(password) > MOST:
        return "password.long"
    lowered = password.lower()
    if any(len(part) > 3 and part.lower() in lowered for one in about for part in one.replace("@", " ").split()):
        return "password.yours"
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        return "password.common"
    return ""


# the hash of something nobody can type, made with the same parameters, so that an unknown name takes as long
_DUMMY = "argon2$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$Vv7mM2YkGlNeNAhNBQAJnAl8XJ5Qd5y1yzJ2mZ0W5xk"
