"""What observations are about: units, datasets, indicators, regions and their changes, sources."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .fields import Code, Text, Year
from .labels import label

#: A date of which only the year, or year and month, may be known (ISO 8601 reduced precision).
PARTIAL_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"


class Direction(models.TextChoices):
    """The way in which an indicator is wanted to move."""

    INCREASE = "increase", _("increase")
    DECREASE = "decrease", _("decrease")
    NONE = "none", _("none")


class Unit(models.Model):
    """A unit of measurement."""

    code = Code(primary_key=True, help_text=_("Code of the unit."))
    name_zh = Text(help_text=_("Chinese name."))
    name_en = Text(help_text=_("English name."))
    symbol = Text(null=True, blank=True, help_text=_("Symbol or short form, as Chinese tables print it."))

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["code"]

    def __str__(self) -> str:
        return label(self.code, self.name_zh, self.name_en)

    def amount_zh(self, number: str) -> str:
        """A number with this unit, as Chinese tables print it."""
        return f"{number}{self.symbol or self.name_zh}"

    def amount_en(self, number: str) -> str:
        """A number with this unit: symbols that every reader knows stand for themselves, others are named."""
        if self.symbol and (self.symbol.isascii() or self.symbol == "‰"):
            return f"{number}{self.symbol}"
        times = " ×" if self.name_en[:1].isdigit() else ""
        return f"{number}{times} {self.name_en}"


class Dataset(models.Model):
    """A coherent set of indicators: the unit that portals harvest."""

    code = Code(primary_key=True, help_text=_("Code of the dataset."))
    title_zh = Text(help_text=_("Chinese title."))
    title_en = Text(help_text=_("English title."))
    description_zh = Text(help_text=_("Chinese description."))
    description_en = Text(help_text=_("English description."))
    keywords_zh = Text(help_text=_("Chinese keywords, separated by semicolons."))
    keywords_en = Text(help_text=_("English keywords, separated by semicolons."))
    theme = Code(help_text=_("Code of the EU data-theme vocabulary, such as POP or ECON."))

    class Meta:
        verbose_name = _("dataset")
        verbose_name_plural = _("datasets")
        ordering = ["code"]

    def __str__(self) -> str:
        return label(self.code, self.title_zh, self.title_en)


class Indicator(models.Model):
    """What is measured, in which unit, and which way is better."""

    code = Code(primary_key=True, help_text=_("Code of the indicator."))
    dataset = models.ForeignKey(Dataset, models.PROTECT, help_text=_("Dataset that the indicator belongs to."))
    name_zh = Text(help_text=_("Chinese name."))
    name_en = Text(help_text=_("English name."))
    definition_zh = Text(null=True, blank=True, help_text=_("Definition in Chinese."))
    definition_en = Text(null=True, blank=True, help_text=_("Definition in English."))
    unit = models.ForeignKey(Unit, models.PROTECT, help_text=_("Unit of the values."))
    decimals = models.PositiveSmallIntegerField(help_text=_("Largest number of decimals in the data."))
    minimum = models.FloatField(
        null=True, blank=True, help_text=_("Least value that is possible; null where the unit alone sets a bound.")
    )
    maximum = models.FloatField(
        null=True, blank=True, help_text=_("Largest value that is possible; null where the unit alone sets a bound.")
    )
    direction = Code(choices=Direction, help_text=_("Direction that counts as better: increase, decrease or none."))
    theme = Code(help_text=_("Theme: one of the plan's four actions, or a general field of statistics."))
    comparability_note_en = Text(null=True, blank=True, help_text=_("What to mind when years or regions are compared."))

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(direction__in=Direction.values),
                name="indicator_direction_known",
                violation_error_message=_("direction is none of increase, decrease, none"),
            ),
            models.CheckConstraint(
                condition=Q(minimum__isnull=True) | Q(maximum__isnull=True) | Q(minimum__lte=F("maximum")),
                name="indicator_bounds_in_order",
                violation_error_message=_("minimum is above maximum"),
            ),
        ]

    def __str__(self) -> str:
        return label(self.code, self.name_zh, self.name_en)


class Level(models.TextChoices):
    """Levels of administrative division, from the country down."""

    COUNTRY = "country", _("country")
    PROVINCE = "province", _("province")
    PREFECTURE = "prefecture", _("prefecture")
    COUNTY = "county", _("county")


class Region(models.Model):
    """An administrative division with the years in which its code was in force."""

    code = Code(primary_key=True, help_text=_("Division code (GB/T 2260 for China): a string, never a number."))
    name_zh = Text(help_text=_("Chinese name."))
    name_en = Text(help_text=_("English name."))
    level = Code(choices=Level, help_text=_("Level: country, province, prefecture or county."))
    type = Code(help_text=_("Type of division, such as district or county_level_city."))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", help_text=_("Division that it lies in.")
    )
    valid_from = Year(help_text=_("First year in which the code was in force."))
    valid_to = Year(
        null=True, blank=True, help_text=_("Last year in which the code was in force; null if it still is.")
    )
    longitude = models.FloatField(
        null=True, blank=True, help_text=_("Approximate centre, degrees east; for orientation only.")
    )
    latitude = models.FloatField(
        null=True, blank=True, help_text=_("Approximate centre, degrees north; for orientation only.")
    )

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=Level.values),
                name="region_level_known",
                violation_error_message=_("level is none of country, province, prefecture, county"),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="region_years_in_order",
                violation_error_message=_("valid_to is before valid_from"),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("code")),
                name="region_not_its_own_parent",
                violation_error_message=_("a region lies in itself: its parents form a circle"),
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True) | Q(longitude__range=(-180, 180)),
                name="region_longitude_degrees",
                violation_error_message=_("longitude goes from -180 to 180 degrees"),
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True) | Q(latitude__range=(-90, 90)),
                name="region_latitude_degrees",
                violation_error_message=_("latitude goes from -90 to 90 degrees"),
            ),
        ]

    def __str__(self) -> str:
        return label(self.code, self.name_zh, self.name_en)


class EventKind(models.TextChoices):
    """Kinds of change of administrative divisions."""

    RENAME = "rename", _("new name, same code")
    RECODE = "recode", _("same rank, new code; the name may change too")
    UPGRADE = "upgrade", _("change of rank with one successor")
    MERGE = "merge", _("from_code is dissolved into to_code")
    SPLIT = "split", _("from_code is dissolved among several to_codes, one row each")
    SPLIT_OFF = "split_off", _("to_code is formed from a part of from_code, which goes on")
    TRANSFER = "transfer", _("a part of from_code passes to to_code; both go on")


#: Kinds after which to_code carries on what from_code was.
SUCCESSION = (EventKind.RENAME, EventKind.RECODE, EventKind.UPGRADE, EventKind.MERGE, EventKind.SPLIT)


class RegionEvent(models.Model):
    """A change of divisions: rename, recode, upgrade, merge, split, split_off or transfer."""

    year = Year(help_text=_("Year of the approval."))
    date = models.DateField(null=True, blank=True, help_text=_("Date of the approval, if known."))
    kind = Code(choices=EventKind, help_text=_("Kind of change."))
    from_code = models.ForeignKey(
        Region, models.PROTECT, related_name="events_from", db_column="from_code", help_text=_("Division before.")
    )
    to_code = models.ForeignKey(
        Region, models.PROTECT, related_name="events_to", db_column="to_code", help_text=_("Division after.")
    )
    name_before = Text(help_text=_("Name of from_code before the event."))
    name_after = Text(help_text=_("Name of to_code after the event."))
    document_no = Text(null=True, blank=True, help_text=_("Number of the approving document."))
    document_title = Text(null=True, blank=True, help_text=_("Title of the approving document."))
    url = Text(null=True, blank=True, help_text=_("Address of the document."))

    class Meta:
        verbose_name = _("region event")
        verbose_name_plural = _("region events")
        ordering = ["year", "kind", "from_code", "to_code"]
        constraints = [
            models.UniqueConstraint(fields=["year", "kind", "from_code", "to_code"], name="region_event_once"),
            models.CheckConstraint(
                condition=Q(kind__in=EventKind.values),
                name="region_event_kind_known",
                violation_error_message=_("kind is not in the code list of events"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.kind} {self.from_code_id} {self.to_code_id}"


class Reliability(models.TextChoices):
    """Grades of a source."""

    A = "A", _("a table of a yearbook, a census volume or the national database")
    B = "B", _("a figure that a secondary copy or a news report quotes from an official release")
    C = "C", _("a table compiled by third persons, or a figure whose year was settled by cross-checks only")


class Source(models.Model):
    """Where a figure or a target was published."""

    code = Code(primary_key=True, help_text=_("Code of the source."))
    title = Text(help_text=_("Title, in its own language."))
    publisher = Text(help_text=_("Who published it."))
    published_on = Code(
        null=True, blank=True, help_text=_("Year, month or day of publication; null if unknown or rolling.")
    )
    kind = Code(help_text=_("Kind of source, such as yearbook_table or communique."))
    url = Text(null=True, blank=True, help_text=_("Address, where there is a stable one."))
    license = Text(help_text=_("Terms under which figures were taken."))
    reliability = Code(choices=Reliability, help_text=_("Grade: A, B or C."))
    note = Text(null=True, blank=True, help_text=_("What else to know of the source."))

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reliability__in=Reliability.values),
                name="source_reliability_known",
                violation_error_message=_("reliability is none of A, B, C"),
            ),
            models.CheckConstraint(
                condition=Q(published_on__isnull=True) | Q(published_on__regex=PARTIAL_DATE),
                name="source_published_on_iso",
                violation_error_message=_("published_on is not a year, month or day"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
