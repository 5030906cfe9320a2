"""The store tells when a reference table was last edited so that answers about figures may differ."""

from django.db import migrations, models
from django.db.models import F


def as_of_the_last_write(apps, schema_editor):
    """What was edited before is not known apart, so every earlier write counts."""
    apps.get_model("indicators", "Store").objects.update(reference_edited_at=F("reference_changed_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0002_words_for_people'),
    ]

    operations = [
        migrations.AddField(
            model_name='store',
            name='reference_edited_at',
            field=models.DateTimeField(help_text='Instant of the last such write since the first release that may show in answers about figures.', null=True),
        ),
        migrations.RunPython(as_of_the_last_write, migrations.RunPython.noop),
    ]
