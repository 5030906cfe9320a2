"""What was measured and when it became known: releases, vintages, and what is in force."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .fields import FIRST_YEAR, LAST_YEAR, Code, Text, Year
from .reference import Dataset, Indicator, Region, Source

#: Values beyond this are refused; within it every whole number is a double.
LARGEST_VALUE = 1e15


class Status(models.TextChoices):
    """Observation status: the SDMX code list CL_OBS_STATUS 2.2."""

    A = "A", "normal value"
    B = "B", "time series break"
    D = "D", "definition differs"
    E = "E", "estimated value"
    F = "F", "forecast value"
    G = "G", "experimental value"
    H = "H", "missing value; holiday or weekend"
    I = "I", "imputed value"  # noqa: E741 (the code of the standard)
    J = "J", "derogation"
    K = "K", "data included in another category"
    L = "L", "missing value; data exist but were not collected"
    M = "M", "missing value; data cannot exist"
    N = "N", "not significant"
    O = "O", "missing value"  # noqa: E741 (the code of the standard)
    P = "P", "provisional value"
    Q = "Q", "missing value; suppressed"
    S = "S", "strike and other special events"
    U = "U", "low reliability"
    V = "V", "unvalidated value"
    W = "W", "includes data from another category"


#: The same code list in Chinese.
STATUS_ZH: dict[str, str] = {
    Status.A: "正常值",
    Status.B: "时间序列中断",
    Status.D: "定义不同",
    Status.E: "估计值",
    Status.F: "预测值",
    Status.G: "试验性数值",
    Status.H: "缺失值：节假日或周末",
    Status.I: "插补值",
    Status.J: "豁免",
    Status.K: "数据计入其他类别",
    Status.L: "缺失值：数据存在但未采集",
    Status.M: "缺失值：数据不可能存在",
    Status.N: "不显著",
    Status.O: "缺失值",
    Status.P: "初步值",
    Status.Q: "缺失值：不予公布",
    Status.S: "罢工及其他特殊事件",
    Status.U: "可靠性低",
    Status.V: "未经核实的数值",
    Status.W: "包含其他类别的数据",
}

#: Statuses that say why there is no value; a row has one of them exactly when its value is null.
MISSING = (Status.H, Status.K, Status.L, Status.M, Status.O, Status.Q)


class Release(models.Model):
    """A publication of figures; it never changes once it is in force."""

    order = models.PositiveIntegerField(primary_key=True, help_text=_("Place in the sequence of releases, from 1."))
    name = Code(unique=True, help_text=_("Name of the release, as `as_of` takes it."))
    published_on = models.DateField(unique=True, help_text=_("Day from which the figures are deemed known."))
    title_zh = Text(help_text=_("Chinese title."))
    title_en = Text(help_text=_("English title."))
    basis_en = Text(null=True, help_text=_("Why the release bears this date."))
    notes_zh = Text(null=True, help_text=_("What readers should know of the release, in Chinese."))
    notes_en = Text(null=True, help_text=_("What readers should know of the release, in English."))
    in_force_since = models.DateTimeField(help_text=_("Instant at which it came into force here."))
    added = models.PositiveIntegerField(help_text=_("Cells that had no row before."))
    revised = models.PositiveIntegerField(help_text=_("Cells whose value differs from the release before."))
    confirmed = models.PositiveIntegerField(
        help_text=_("Cells whose value stands while its status, source, locator or note differs.")
    )
    withdrawn = models.PositiveIntegerField(help_text=_("Cells that the release removes."))
    content_sha256 = models.CharField(max_length=64, help_text=_("SHA-256 of the rows as they were submitted."))

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ["-order"]
        permissions = [("publish_release", "Can publish releases")]
        constraints = [
            models.CheckConstraint(condition=~Q(name="latest"), name="release_name_not_reserved"),
            models.CheckConstraint(condition=Q(order__gte=1), name="release_order_from_one"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class ObservationQuerySet(models.QuerySet["Observation"]):
    """Which vintages are meant."""

    def current(self) -> ObservationQuerySet:
        """The rows in force: at most one for a cell."""
        return self.filter(superseded_by__isnull=True)

    def as_of(self, order: int) -> ObservationQuerySet:
        """The rows in force when the release of that order was the newest."""
        return self.filter(
            Q(superseded_by__isnull=True) | Q(superseded_by__gt=order),
            release__lte=order,
        )


class Observation(models.Model):
    """One vintage of one cell: the figure that a release set for an indicator, a region and a year.

    `superseded_by` names the release that replaced or withdrew the row; nothing else is ever updated.
    """

    pk = models.CompositePrimaryKey("indicator", "region", "year", "release")
    indicator = models.ForeignKey(Indicator, models.PROTECT, db_index=False, help_text=_("Indicator that is measured."))
    region = models.ForeignKey(Region, models.PROTECT, db_index=False, help_text=_("Region that it is measured in."))
    year = Year(help_text=_("Calendar year of the figure."))
    release = models.ForeignKey(
        Release, models.PROTECT, db_index=False, related_name="set_rows", help_text=_("Release that set the row.")
    )
    superseded_by = models.ForeignKey(
        Release,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="closed_rows",
        help_text=_("Release that replaced or withdrew the row; null while it is in force."),
    )
    value = models.FloatField(null=True, help_text=_("The published figure; null if missing, never 0 instead."))
    status = models.CharField(max_length=1, choices=Status, help_text=_("SDMX CL_OBS_STATUS."))
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, db_index=False, help_text=_("Source that prints the figure.")
    )
    locator = Text(null=True, help_text=_("Place in the source."))
    note = Text(null=True, help_text=_("What to know of this figure."))

    objects = ObservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "region", "year"],
                condition=Q(superseded_by__isnull=True),
                name="observation_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(year__range=(FIRST_YEAR, LAST_YEAR)), name="observation_year_four_digits"
            ),
            # NaN is above every number on PostgreSQL and NULL on SQLite: neither passes.
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__range=(-LARGEST_VALUE, LARGEST_VALUE)),
                name="observation_value_finite",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True, status__in=MISSING)
                | (Q(value__isnull=False, status__in=Status.values) & ~Q(status__in=MISSING)),
                name="observation_missing_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(source__isnull=False), name="observation_value_has_source"
            ),
            models.CheckConstraint(
                condition=Q(superseded_by__isnull=True) | Q(superseded_by__gt=F("release")),
                name="observation_superseded_later",
            ),
        ]
        indexes = [
            models.Index(fields=["indicator", "year", "region"], name="observation_by_year"),
            models.Index(fields=["region", "indicator", "year"], name="observation_by_region"),
            models.Index(fields=["release"], name="observation_by_release"),
            models.Index(
                fields=["superseded_by"],
                condition=Q(superseded_by__isnull=False),  # most rows are in force: to write their nulls costs seconds
                name="observation_by_successor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.region_id} {self.year} ({self.release_id})"


class ReleaseFile(models.Model):
    """A file of a release: of one dataset, or of the whole. Written in the transaction of the publication."""

    release = models.ForeignKey(
        Release, models.PROTECT, related_name="files", help_text=_("Release that the file belongs to.")
    )
    dataset = models.ForeignKey(
        Dataset, models.PROTECT, null=True, help_text=_("Dataset that the file holds; null: all of them.")
    )
    format = Code(max_length=20, help_text=_("Format, such as csv, or csv.zst where it is compressed."))
    bytes = models.PositiveBigIntegerField(help_text=_("Size of the file."))
    sha256 = Code(max_length=64, help_text=_("SHA-256 of the file."))
    rows = models.PositiveIntegerField(help_text=_("Number of rows, missing values included."))
    made_of = Code(
        max_length=64, help_text=_("Digest of what the file is made of: files made of the same are the same.")
    )

    class Meta:
        verbose_name = _("file of a release")
        verbose_name_plural = _("files of releases")
        constraints = [
            models.UniqueConstraint(fields=["release", "dataset", "format"], name="release_file_once"),
            models.UniqueConstraint(
                fields=["release", "format"], condition=Q(dataset__isnull=True), name="release_file_whole_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.dataset_id} {self.format}"


class Store(models.Model):
    """The one row that says what is in force; every request reads it once."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    release = models.ForeignKey(Release, models.PROTECT, null=True, help_text=_("Release in force."))
    reference_revision = models.PositiveBigIntegerField(
        default=0, help_text=_("Raised by a trigger in the transaction of every write to a reference table.")
    )
    reference_changed_at = models.DateTimeField(null=True, help_text=_("Instant of the last such write."))
    reference_edited_at = models.DateTimeField(
        null=True,
        help_text=_("Instant of the last such write since the first release that may show in answers about figures."),
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="store_one_row")]

    def __str__(self) -> str:
        return f"release {self.release_id}, reference revision {self.reference_revision}"

    @classmethod
    def hold(cls) -> Store:
        """Lock the store until the transaction ends: one writer at a time, whether it loads, publishes or edits."""
        return cls.objects.select_for_update().get(id=1)
