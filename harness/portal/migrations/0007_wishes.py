"""An index by which wishes are looked for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The seventh step."""

    dependencies = [
        ("portal", "0006_open"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="answered",
            index=models.Index(fields=["said", "package"], name="answered_said"),
        ),
    ]
