"""What says which package a signature is of, and that it was taken back, stays as it was first written."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# what may not become other; `taken_back` is written once
_GUARDED = {
    "portal_signed": ("taken_back", ("package_id", "slot_id", "round")),
    "portal_frozen": ("void_ms", ("project_id", "release", "nonce", "tier", "phase")),
}


def guard(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A guard on each table: these columns stay, and the first one is written once."""
    for table, (once, columns) in _GUARDED.items():
        differs = " OR ".join(f"OLD.{name} <> NEW.{name}" for name in columns)
        if schema_editor.connection.vendor == "postgresql":
            body = "EXECUTE FUNCTION portal_refuse()"
        else:
            body = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
        schema_editor.execute(
            f"CREATE TRIGGER {table}_as_it_was BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN (OLD.{once} IS NOT NULL OR {differs}) {body}",
            params=None,
        )


def unguard(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """There is no way back: an older portal must not open a newer one's log."""
    raise RuntimeError("the portal's database goes forward only")


class Migration(migrations.Migration):
    """The third step."""

    dependencies = [("portal", "0002_only_added")]
    operations = [migrations.RunPython(guard, unguard)]
