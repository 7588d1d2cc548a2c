"""An index that tells which packages can be signed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The sixth step."""

    dependencies = [
        ("portal", "0005_lists"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="frozen",
            index=models.Index(fields=["void_ms", "expires_ms"], name="frozen_open"),
        ),
    ]
