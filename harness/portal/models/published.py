"""What was brought from the harness: runs, their evidence, and the tokens that may bring it."""

from django.db import models

from harness.portal.clock import now_ms


class Project(models.Model):
    """What is accepted here, by name."""

    slug = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    created_ms = models.BigIntegerField(default=now_ms)


class ApiToken(models.Model):
    """A machine's way in, for one project and one purpose: `publish` brings runs, `read` takes bundles. By hash."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT)
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=12)
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=80)
    made_ms = models.BigIntegerField(default=now_ms)
    used_ms = models.BigIntegerField(null=True)
    revoked_ms = models.BigIntegerField(null=True)


class Published(models.Model):
    """A run as it was brought: plan and record as their own bytes, complete once every evidence file is here."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT)
    run = models.CharField(max_length=60)
    tier = models.CharField(max_length=60)
    release = models.CharField(max_length=120)
    nonce = models.CharField(max_length=80)
    record_sha256 = models.CharField(max_length=64)
    plan_sha256 = models.CharField(max_length=64)
    plan = models.BinaryField()
    record = models.BinaryField()
    declared = models.BinaryField(null=True)
    acts = models.TextField(default="[]")
    policy_sha256 = models.CharField(max_length=64, default="")
    ended_ms = models.BigIntegerField()
    brought_by = models.CharField(max_length=80)
    brought_ms = models.BigIntegerField(default=now_ms)

    class Meta:
        """A record is brought once."""

        constraints = (models.UniqueConstraint(fields=("project", "record_sha256"), name="one_record"),)
        indexes = (
            models.Index(fields=("project", "release", "tier"), name="published_release"),
            models.Index(fields=("project", "release", "tier", "brought_ms"), name="published_board"),
        )


class Hand(models.Model):
    """Who had a hand in a release, told when its run was brought again. Rows are only ever added."""

    run = models.ForeignKey(Published, on_delete=models.PROTECT, related_name="hands")
    kind = models.CharField(max_length=20)
    person = models.CharField(max_length=200)
    about = models.CharField(max_length=200)
    told_ms = models.BigIntegerField(default=now_ms)

    class Meta:
        """Told once."""

        constraints = (models.UniqueConstraint(fields=("run", "kind", "person"), name="one_hand"),)


class Evidence(models.Model):
    """A file that a run of the project names, by its content; its bytes come later, into the data directory."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    brought_ms = models.BigIntegerField(null=True)

    class Meta:
        """Once per project."""

        constraints = (models.UniqueConstraint(fields=("project", "sha256"), name="one_evidence"),)
