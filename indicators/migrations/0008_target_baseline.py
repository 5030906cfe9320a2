"""A target is measured from a year before the one by which it is to be reached."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0007_indicator_bounds'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(
                condition=Q(('baseline_year__isnull', True), ('baseline_year__lt', F('year')), _connector='OR'),
                name='target_baseline_before_year',
                violation_error_message='baseline_year is not before year',
            ),
        ),
    ]
