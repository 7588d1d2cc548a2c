"""The database itself refuses to change or remove an entry of the log, a line of the audit, or what was frozen."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# what may not be changed; `when` names the columns that stay as they are where others may move on
_GUARDED = {
    "portal_entry": "",
    "portal_audit": "",
    "portal_frozen": "code, manifest, sha256, frozen_ms, number, acts",
    "portal_signed": "statement_sha256, number, decision, person_id, role, signed_ms",
    "portal_published": "",
}


def guard(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put a guard on each of these tables."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION portal_refuse() RETURNS trigger AS $$ BEGIN "
            "RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME; END $$ LANGUAGE plpgsql",
            params=None,
        )
    for table, columns in _GUARDED.items():
        of = f" OF {columns}" if columns else ""
        for act, name in ((f"UPDATE{of}", "kept"), ("DELETE", "stays")):
            if schema_editor.connection.vendor == "postgresql":
                body = "FOR EACH ROW EXECUTE FUNCTION portal_refuse()"
            else:
                body = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
            schema_editor.execute(f"CREATE TRIGGER {table}_{name} BEFORE {act} ON {table} {body}", params=None)


def unguard(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """There is no way back: an older portal must not open a newer one's log."""
    raise RuntimeError("the portal's database goes forward only")


class Migration(migrations.Migration):
    """The second step."""

    dependencies = [("portal", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
