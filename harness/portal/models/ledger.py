"""The log: entries as the bytes that were hashed, and the one row that appending locks."""

from django.db import models


class Entry(models.Model):
    """One line of the ledger. The database itself refuses to change or remove it; what gets past that is found."""

    index = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=20, db_index=True)
    at_ms = models.BigIntegerField()
    body = models.BinaryField()
    leaf_sha256 = models.CharField(max_length=64)
    countersignature = models.CharField(max_length=88)


class Head(models.Model):
    """How far the log is, and the hashes from which its root grows. One row."""

    id = models.IntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)
    frontier = models.TextField(default="")
    root_sha256 = models.CharField(max_length=64, default="")
    last_ms = models.BigIntegerField(default=0)
    checkpoint = models.TextField(default="")
    witnessed = models.BigIntegerField(default=0)
