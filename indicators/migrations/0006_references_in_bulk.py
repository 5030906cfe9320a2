"""Observations: PostgreSQL looks references up once a statement (`models/references.py`), and rows in force need no
place in the index of successors."""

from django.db import migrations, models


def _foreign_keys(schema_editor, table):
    with schema_editor.connection.cursor() as cursor:
        found = schema_editor.connection.introspection.get_constraints(cursor, table)
    return [name for name, constraint in found.items() if constraint["foreign_key"]]


def drop_foreign_keys(apps, schema_editor):
    """The triggers that stand for them are laid after every migration."""
    table = apps.get_model("indicators", "Observation")._meta.db_table
    if schema_editor.connection.vendor == "postgresql":
        for name in _foreign_keys(schema_editor, table):
            schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {schema_editor.quote_name(name)}")


def add_foreign_keys(apps, schema_editor):
    """As they were."""
    model = apps.get_model("indicators", "Observation")
    if schema_editor.connection.vendor == "postgresql":
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                suffix = "_fk_%(to_table)s_%(to_column)s"
                schema_editor.execute(schema_editor._create_fk_sql(model, field, suffix))


class Migration(migrations.Migration):

    dependencies = [
        ("indicators", "0004_release_files"),
    ]

    operations = [
        migrations.RunPython(drop_foreign_keys, add_foreign_keys),
        migrations.RemoveIndex(model_name="observation", name="observation_by_successor"),
        migrations.AddIndex(
            model_name="observation",
            index=models.Index(
                condition=models.Q(("superseded_by__isnull", False)),
                fields=["superseded_by"],
                name="observation_by_successor",
            ),
        ),
    ]
