"""Indexes by which long lists are read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The fifth step."""

    dependencies = [
        ("portal", "0004_hands"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="published",
            name="published_when",
        ),
        migrations.AddIndex(
            model_name="frozen",
            index=models.Index(fields=["due_ms"], name="frozen_due"),
        ),
        migrations.AddIndex(
            model_name="published",
            index=models.Index(fields=["project", "release", "tier", "brought_ms"], name="published_board"),
        ),
        migrations.AddIndex(
            model_name="slot",
            index=models.Index(fields=["role", "package"], name="slot_role"),
        ),
    ]
