"""What is asked and what was answered: packages, who must sign, drafts, signatures."""

from django.db import models

from harness.portal.clock import now_ms
from harness.portal.models.accounts import Person
from harness.portal.models.published import Project, Published


class Frozen(models.Model):
    """An acceptance package: the canonical manifest as it was frozen. `void_ms`: another took its place."""

    code = models.CharField(max_length=12, unique=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT)
    release = models.CharField(max_length=120)
    nonce = models.CharField(max_length=80)
    tier = models.CharField(max_length=60)
    phase = models.IntegerField()
    manifest = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    frozen_by = models.ForeignKey(Person, on_delete=models.PROTECT)
    frozen_ms = models.BigIntegerField()
    expires_ms = models.BigIntegerField()
    due_ms = models.BigIntegerField()
    acts = models.TextField(default="[]")
    number = models.BigIntegerField()
    void_ms = models.BigIntegerField(null=True)

    class Meta:
        """How packages are looked for."""

        indexes = (
            models.Index(fields=("project", "release", "nonce"), name="frozen_release"),
            models.Index(fields=("project", "tier", "frozen_ms"), name="frozen_tier"),
            models.Index(fields=("frozen_ms",), name="frozen_when"),
            models.Index(fields=("due_ms",), name="frozen_due"),
            models.Index(fields=("void_ms", "expires_ms"), name="frozen_open"),
        )


class Picked(models.Model):
    """A run that a package rests on: it can't be removed while the package is kept."""

    package = models.ForeignKey(Frozen, on_delete=models.PROTECT, related_name="picked")
    run = models.ForeignKey(Published, on_delete=models.PROTECT)


class LateHand(models.Model):
    """Who had a hand in the release, told after the package was frozen: `number` is where the ledger tells it."""

    package = models.ForeignKey(Frozen, on_delete=models.PROTECT, related_name="late_hands")
    kind = models.CharField(max_length=20)
    person = models.CharField(max_length=200)
    about = models.CharField(max_length=200)
    number = models.BigIntegerField()

    class Meta:
        """Told once."""

        constraints = (models.UniqueConstraint(fields=("package", "kind", "person"), name="one_late_hand"),)


class Slot(models.Model):
    """One signature that is asked of a role. `round` grows when a signature is taken back: then it is open again."""

    package = models.ForeignKey(Frozen, on_delete=models.PROTECT, related_name="slots")
    role = models.CharField(max_length=60, db_index=True)
    place = models.IntegerField(default=1)
    round = models.IntegerField(default=1)
    opened_ms = models.BigIntegerField(null=True)
    asked_ms = models.BigIntegerField(default=now_ms)
    reminded_ms = models.BigIntegerField(null=True)

    class Meta:
        """How tasks are looked for."""

        indexes = (models.Index(fields=("role", "package"), name="slot_role"),)


class Answered(models.Model):
    """A person's answer as it stands before signing; kept at once, changed freely."""

    package = models.ForeignKey(Frozen, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    criterion = models.CharField(max_length=80)
    said = models.CharField(max_length=12)
    words = models.CharField(max_length=1000, default="")
    carried = models.BooleanField(default=False)
    at_ms = models.BigIntegerField(default=now_ms)

    class Meta:
        """One answer per criterion and person; and how wishes are looked for."""

        indexes = (models.Index(fields=("said", "package"), name="answered_said"),)
        constraints = (models.UniqueConstraint(fields=("package", "person", "criterion"), name="one_answer"),)


class Draft(models.Model):
    """A decision before it is signed, and when its person first looked."""

    package = models.ForeignKey(Frozen, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    role = models.CharField(max_length=60)
    decision = models.CharField(max_length=24, default="")
    conditions = models.TextField(default="[]")
    reason = models.CharField(max_length=1000, default="")
    begun_ms = models.BigIntegerField(default=now_ms)
    reviewed_ms = models.BigIntegerField(null=True)

    class Meta:
        """One per person, package and role."""

        constraints = (models.UniqueConstraint(fields=("package", "person", "role"), name="one_draft"),)


class Signed(models.Model):
    """Where a signature stands in the ledger. The row is for finding it; what counts is the entry.

    `taken_back` is the ledger number of what undid it: a withdrawal or, of an acceptance, that its person had a hand
    in the release.
    """

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT)
    round = models.IntegerField()
    package = models.ForeignKey(Frozen, on_delete=models.PROTECT, related_name="signed")
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    role = models.CharField(max_length=60)
    decision = models.CharField(max_length=24)
    statement_sha256 = models.CharField(max_length=64, unique=True)
    number = models.BigIntegerField(unique=True)
    signed_ms = models.BigIntegerField()
    spent_ms = models.BigIntegerField(default=0)
    taken_back = models.BigIntegerField(null=True)

    class Meta:
        """A slot has one signature at a time, and one person signs a package once at a time."""

        constraints = (
            models.UniqueConstraint(fields=("slot", "round"), name="one_signature_per_slot"),
            models.UniqueConstraint(
                fields=("package", "person", "role"),
                condition=models.Q(taken_back__isnull=True),
                name="one_standing_signature_per_person",
            ),
        )


class Met(models.Model):
    """A condition that the business said is met: `number` is where the ledger tells it."""

    signed = models.ForeignKey(Signed, on_delete=models.PROTECT)
    criterion = models.CharField(max_length=80)
    by = models.ForeignKey(Person, on_delete=models.PROTECT)
    number = models.BigIntegerField(unique=True)
    at_ms = models.BigIntegerField()

    class Meta:
        """Said once."""

        constraints = (models.UniqueConstraint(fields=("signed", "criterion"), name="one_met"),)
