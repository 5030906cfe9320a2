"""Files of releases: which there are, and what they hold."""
import django.db.models.deletion
import indicators.models.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0003_reference_edited_at'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReleaseFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('format', indicators.models.fields.Code(help_text='Format, such as csv, or csv.zst where it is compressed.', max_length=20)),
                ('bytes', models.PositiveBigIntegerField(help_text='Size of the file.')),
                ('sha256', indicators.models.fields.Code(help_text='SHA-256 of the file.', max_length=64)),
                ('rows', models.PositiveIntegerField(help_text='Number of rows, missing values included.')),
                ('made_of', indicators.models.fields.Code(help_text='Digest of what the file is made of: files made of the same are the same.', max_length=64)),
                ('dataset', models.ForeignKey(help_text='Dataset that the file holds; null: all of them.', null=True, on_delete=django.db.models.deletion.PROTECT, to='indicators.dataset')),
                ('release', models.ForeignKey(help_text='Release that the file belongs to.', on_delete=django.db.models.deletion.PROTECT, related_name='files', to='indicators.release')),
            ],
            options={
                'verbose_name': 'file of a release',
                'verbose_name_plural': 'files of releases',
                'constraints': [models.UniqueConstraint(fields=('release', 'dataset', 'format'), name='release_file_once'), models.UniqueConstraint(condition=models.Q(('dataset__isnull', True)), fields=('release', 'format'), name='release_file_whole_once')],
            },
        ),
    ]
