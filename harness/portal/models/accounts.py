"""People, what they hold, how they sign in, and what everybody did."""

import secrets

from django.db import models

from harness.portal.clock import now_ms


def new_id() -> str:
    """An id that is never used again: 26 characters, the first ten say when."""
    return f"{now_ms():012x}{secrets.token_hex(7)}"


class Person(models.Model):
    """Somebody. The id is never given to anybody else; who leaves is switched off, never removed.

    `stamp` is part of each session: a new one ends them all. `reset_ms`: when somebody else last changed how they
    sign in.
    """

    id = models.CharField(primary_key=True, max_length=32, default=new_id)
    email = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120)
    side = models.CharField(max_length=16)
    language = models.CharField(max_length=8, default="en")
    zone = models.CharField(max_length=64, default="UTC")
    password = models.CharField(max_length=200, default="")
    stamp = models.CharField(max_length=64, default=secrets.token_hex)
    active = models.BooleanField(default=True)
    reset_ms = models.BigIntegerField(default=0)
    created_ms = models.BigIntegerField(default=now_ms)


class Passkey(models.Model):
    """A passkey. Only the person enrols one, in their own session; taken off, it is kept and marked."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="passkeys")
    credential = models.CharField(max_length=700, unique=True)
    public_key = models.TextField()
    sign_count = models.BigIntegerField(default=0)
    label = models.CharField(max_length=80)
    enrolled_by = models.CharField(max_length=32)
    enrolled_ms = models.BigIntegerField(default=now_ms)
    revoked_ms = models.BigIntegerField(null=True)


class Grant(models.Model):
    """A role, held from the moment that a second person agreed. Business roles sign; portal roles never do."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=60)
    by = models.CharField(max_length=80)
    asked_ms = models.BigIntegerField(default=now_ms)
    approved_by = models.CharField(max_length=80, default="")
    since_ms = models.BigIntegerField(null=True)
    until_ms = models.BigIntegerField(null=True)


class Invitation(models.Model):
    """A one-time link to set a password: only its hash is kept."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=80)
    made_ms = models.BigIntegerField(default=now_ms)
    used_ms = models.BigIntegerField(null=True)


class Session(models.Model):
    """A session by the hash of its cookie."""

    key_sha256 = models.CharField(primary_key=True, max_length=64)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE)
    data = models.TextField()
    begun_ms = models.BigIntegerField()
    seen_ms = models.BigIntegerField()


class Ceremony(models.Model):
    """A challenge that was handed out, what it is for, and that it was used: once, by this person, before it ends."""

    challenge = models.CharField(primary_key=True, max_length=86)
    purpose = models.CharField(max_length=16)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE)
    session_sha256 = models.CharField(max_length=64, default="")
    document = models.BinaryField(null=True)
    expires_ms = models.BigIntegerField()
    used_ms = models.BigIntegerField(null=True)


class Attempt(models.Model):
    """A try that failed: counted per account and per address."""

    key = models.CharField(max_length=80, db_index=True)
    at_ms = models.BigIntegerField(default=now_ms, db_index=True)


class Audit(models.Model):
    """What was done or tried, by whom, on what, and how it ended. Rows are only ever added."""

    at_ms = models.BigIntegerField(default=now_ms, db_index=True)
    who = models.CharField(max_length=80)
    what = models.CharField(max_length=60)
    about = models.CharField(max_length=200, default="")
    outcome = models.CharField(max_length=20, default="done")
    why = models.CharField(max_length=400, default="")
    address = models.CharField(max_length=64, default="")
