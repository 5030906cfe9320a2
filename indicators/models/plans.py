"""What was planned: plans, their actions and measures, and the targets they set."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .decimals import decimal_text
from .fields import Code, Text, Year
from .labels import label
from .reference import PARTIAL_DATE, Direction, Indicator, Region, Source, Unit


class Plan(models.Model):
    """A plan, programme or action plan with its period."""

    code = Code(primary_key=True, help_text=_("Code of the plan."))
    kind = Code(help_text=_("Kind of document, such as plan or action_plan."))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", help_text=_("Plan that it carries out.")
    )
    title_zh = Text(null=True, blank=True, help_text=_("Chinese title."))
    title_en = Text(help_text=_("English title."))
    issuer_zh = Text(null=True, blank=True, help_text=_("Issuer in Chinese."))
    issuer_en = Text(null=True, blank=True, help_text=_("Issuer in English."))
    document_no = Text(null=True, blank=True, help_text=_("Number of the document."))
    issued_on = Code(null=True, blank=True, help_text=_("Year, month or day of issue; null if unknown."))
    period_start = Year(null=True, blank=True, help_text=_("First year of the plan."))
    period_end = Year(null=True, blank=True, help_text=_("Last year of the plan."))
    source = models.ForeignKey(Source, models.PROTECT, help_text=_("Source that tells of the plan."))

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True) | Q(issued_on__regex=PARTIAL_DATE),
                name="plan_issued_on_iso",
                violation_error_message=_("issued_on is not a year, month or day"),
            ),
            models.CheckConstraint(
                condition=Q(period_start__isnull=True)
                | Q(period_end__isnull=True)
                | Q(period_end__gte=F("period_start")),
                name="plan_period_in_order",
                violation_error_message=_("period_end is before period_start"),
            ),
        ]

    def __str__(self) -> str:
        return label(self.code, self.title_zh, self.title_en)


class Action(models.Model):
    """One of the actions that a plan is made of."""

    code = Code(primary_key=True, help_text=_("Code of the action."))
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="actions", help_text=_("Plan that it belongs to."))
    order = models.PositiveSmallIntegerField(help_text=_("Place within the plan, from 1."))
    title_zh = Text(help_text=_("Chinese title."))
    title_en = Text(help_text=_("English title."))
    theme_zh = Text(null=True, blank=True, help_text=_("Theme in Chinese."))
    theme_en = Text(null=True, blank=True, help_text=_("Theme in English."))
    source = models.ForeignKey(Source, models.PROTECT, help_text=_("Source of the wording."))
    locator = Text(null=True, blank=True, help_text=_("Place in the source: Pn.sm is sentence m of paragraph n."))

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return label(self.code, self.title_zh, self.title_en)


class MeasureKind(models.TextChoices):
    """What a line of an action is."""

    MEASURE = "measure", _("something that is to be done")
    OUTCOME = "outcome", _("a qualitative result that is expected")


class Measure(models.Model):
    """A measure of an action, or a qualitative outcome expected of it."""

    code = Code(primary_key=True, help_text=_("Code of the measure or outcome."))
    action = models.ForeignKey(
        Action, models.PROTECT, related_name="measures", help_text=_("Action that it belongs to.")
    )
    kind = Code(choices=MeasureKind, help_text=_("measure or outcome."))
    order = models.PositiveSmallIntegerField(help_text=_("Place within its action and kind, from 1."))
    title_zh = Text(help_text=_("Chinese wording."))
    title_en = Text(help_text=_("English wording."))
    source = models.ForeignKey(Source, models.PROTECT, help_text=_("Source of the wording."))
    locator = Text(null=True, blank=True, help_text=_("Place in the source: Pn.sm is sentence m of paragraph n."))

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ["order", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=MeasureKind.values),
                name="measure_kind_known",
                violation_error_message=_("kind is neither measure nor outcome"),
            )
        ]

    def __str__(self) -> str:
        return label(self.code, self.title_zh, self.title_en)


class Statistic(models.TextChoices):
    """What is computed from an indicator and held against a target."""

    LEVEL = "level", _("the value of the year")
    RATIO = "ratio", _("the value of the year, a ratio")
    COUNT = "count", _("the value of the year, a number of things")
    MEAN_ANNUAL_CHANGE = "mean_annual_change", _("mean of the yearly differences from baseline_year to year")
    SHARE_OF_UNITS = "share_of_units", _("share of the units named by the denominator")
    COUNT_OF_NEW_UNITS = "count_of_new_units", _("number of units gained over the period")


class Comparator(models.TextChoices):
    """How a value is held against a target."""

    GE = "ge", _("at least")
    LE = "le", _("at most")
    EQ = "eq", _("exactly")
    APPROX = "approx", _("about; no official tolerance")


_COMPARATOR_WORDS = {
    Comparator.GE: ("不低于", "at least"),
    Comparator.LE: ("不高于", "at most"),
    Comparator.EQ: ("达到", "exactly"),
    Comparator.APPROX: ("约", "about"),
}


class Target(models.Model):
    """A number that a plan promises for a region and a year, in its official wording."""

    code = Code(primary_key=True, help_text=_("Code of the target."))
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="targets", help_text=_("Plan that sets the target."))
    action = models.ForeignKey(
        Action,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
        help_text=_("Action that it belongs to, if any."),
    )
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="targets", help_text=_("Indicator it is set on.")
    )
    region = models.ForeignKey(Region, models.PROTECT, related_name="targets", help_text=_("Region it is set for."))
    statistic = Code(choices=Statistic, help_text=_("What is computed from the indicator."))
    comparator = Code(choices=Comparator, help_text=_("ge (at least), le (at most), eq (exactly), approx (about)."))
    value = models.FloatField(help_text=_("The number that is aimed at."))
    unit = models.ForeignKey(Unit, models.PROTECT, help_text=_("Unit of the number."))
    year = Year(help_text=_("Year by which it is to be reached."))
    period_start = Year(null=True, blank=True, help_text=_("First year of the period, if one is named."))
    baseline_year = Year(null=True, blank=True, help_text=_("Year that progress is measured from."))
    baseline_value = models.FloatField(null=True, blank=True, help_text=_("Official value of the baseline year."))
    direction = Code(
        choices=[(Direction.INCREASE.value, _("increase")), (Direction.DECREASE.value, _("decrease"))],
        help_text=_("Way in which the value is wanted to move."),
    )
    approximate = models.BooleanField(help_text=_("Whether the wording says about (左右)."))
    scope_zh = Text(null=True, blank=True, help_text=_("What the number counts, in Chinese."))
    scope_en = Text(null=True, blank=True, help_text=_("What the number counts, in English."))
    denominator = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Number of units that a share refers to.")
    )
    wording_zh = Text(null=True, blank=True, help_text=_("Official wording."))
    note_en = Text(null=True, blank=True, help_text=_("How the wording is read."))
    source = models.ForeignKey(Source, models.PROTECT, help_text=_("Source of the target."))
    locator = Text(null=True, blank=True, help_text=_("Place in the source: Pn.sm is sentence m of paragraph n."))

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(statistic__in=Statistic.values),
                name="target_statistic_known",
                violation_error_message=_("statistic is not in the code list"),
            ),
            models.CheckConstraint(
                condition=Q(comparator__in=Comparator.values),
                name="target_comparator_known",
                violation_error_message=_("comparator is not in the code list"),
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["increase", "decrease"]),
                name="target_direction_known",
                violation_error_message=_("direction is neither increase nor decrease"),
            ),
            models.CheckConstraint(
                condition=Q(value__range=(-1e15, 1e15)),
                name="target_value_finite",
                violation_error_message=_("value is beyond what can be stored"),
            ),
            models.CheckConstraint(
                condition=Q(baseline_value__isnull=True) | Q(baseline_value__range=(-1e15, 1e15)),
                name="target_baseline_value_finite",
                violation_error_message=_("baseline_value is beyond what can be stored"),
            ),
            models.CheckConstraint(
                condition=Q(baseline_year__isnull=True) | Q(baseline_year__lt=F("year")),
                name="target_baseline_before_year",
                violation_error_message=_("baseline_year is not before year"),
            ),
            models.CheckConstraint(
                condition=Q(approximate=False) | Q(comparator=Comparator.APPROX),
                name="target_about_is_approx",
                violation_error_message=_("an approximate target has the comparator approx"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.code)

    @property
    def title_zh(self) -> str:
        """Chinese title, composed from indicator, comparator, value, unit and year."""
        average = "年均变化" if self.statistic == Statistic.MEAN_ANNUAL_CHANGE else ""
        words = _COMPARATOR_WORDS[Comparator(self.comparator)][0]
        amount = self.unit.amount_zh(decimal_text(self.value))
        return f"{self.indicator.name_zh}{average}：到{self.year}年{words}{amount}"

    @property
    def title_en(self) -> str:
        """English title, composed from indicator, comparator, value, unit and year."""
        average = ", mean annual change" if self.statistic == Statistic.MEAN_ANNUAL_CHANGE else ""
        words = _COMPARATOR_WORDS[Comparator(self.comparator)][1]
        amount = self.unit.amount_en(decimal_text(self.value))
        return f"{self.indicator.name_en}{average}: {words} {amount} by {self.year}"
