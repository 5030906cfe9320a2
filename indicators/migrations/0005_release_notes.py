"""Releases have notes in both languages, and publishing one is a permission."""

from django.db import migrations

import indicators.models.fields


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0004_release_files'),
    ]

    operations = [
        migrations.AddField(
            model_name='release',
            name='notes_zh',
            field=indicators.models.fields.Text(help_text='What readers should know of the release, in Chinese.', null=True),
        ),
        migrations.AddField(
            model_name='release',
            name='notes_en',
            field=indicators.models.fields.Text(help_text='What readers should know of the release, in English.', null=True),
        ),
        migrations.AlterModelOptions(
            name='release',
            options={'ordering': ['-order'], 'permissions': [('publish_release', 'Can publish releases')], 'verbose_name': 'release', 'verbose_name_plural': 'releases'},
        ),
    ]
