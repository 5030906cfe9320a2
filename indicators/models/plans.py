"""What was planned: plans, their actions and measures, and the targets they set."""

from django.db import models
from django.db.models import F, Q

from .decimals import decimal_text
from .fields import Code, Text, Year
from .reference import PARTIAL_DATE, Direction, Indicator, Region, Source, Unit


class Plan(models.Model):
    """A plan, programme or action plan with its period."""

    code = Code(primary_key=True, help_text="Code of the plan.")
    kind = Code(help_text="Kind of document, such as plan or action_plan.")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", help_text="Plan that it carries out."
    )
    title_zh = Text(null=True, help_text="Chinese title.")
    title_en = Text(help_text="English title.")
    issuer_zh = Text(null=True, help_text="Issuer in Chinese.")
    issuer_en = Text(null=True, help_text="Issuer in English.")
    document_no = Text(null=True, help_text="Number of the document.")
    issued_on = Code(null=True, help_text="Year, month or day of issue; null if unknown.")
    period_start = Year(null=True, help_text="First year of the plan.")
    period_end = Year(null=True, help_text="Last year of the plan.")
    source = models.ForeignKey(Source, models.PROTECT, help_text="Source that tells of the plan.")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True) | Q(issued_on__regex=PARTIAL_DATE),
                name="plan_issued_on_iso",
                violation_error_message="issued_on is not a year, month or day",
            ),
            models.CheckConstraint(
                condition=Q(period_start__isnull=True)
                | Q(period_end__isnull=True)
                | Q(period_end__gte=F("period_start")),
                name="plan_period_in_order",
                violation_error_message="period_end is before period_start",
            ),
        ]

    def __str__(self) -> str:
        return str(self.code)


class Action(models.Model):
    """One of the actions that a plan is made of."""

    code = Code(primary_key=True, help_text="Code of the action.")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="actions", help_text="Plan that it belongs to.")
    order = models.PositiveSmallIntegerField(help_text="Place within the plan, from 1.")
    title_zh = Text(help_text="Chinese title.")
    title_en = Text(help_text="English title.")
    theme_zh = Text(null=True, help_text="Theme in Chinese.")
    theme_en = Text(null=True, help_text="Theme in English.")
    source = models.ForeignKey(Source, models.PROTECT, help_text="Source of the wording.")
    locator = Text(null=True, help_text="Place in the source: Pn.sm is sentence m of paragraph n.")

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return str(self.code)


class MeasureKind(models.TextChoices):
    """What a line of an action is."""

    MEASURE = "measure", "something that is to be done"
    OUTCOME = "outcome", "a qualitative result that is expected"


class Measure(models.Model):
    """A measure of an action, or a qualitative outcome expected of it."""

    code = Code(primary_key=True, help_text="Code of the measure or outcome.")
    action = models.ForeignKey(Action, models.PROTECT, related_name="measures", help_text="Action that it belongs to.")
    kind = Code(choices=MeasureKind, help_text="measure or outcome.")
    order = models.PositiveSmallIntegerField(help_text="Place within its action and kind, from 1.")
    title_zh = Text(help_text="Chinese wording.")
    title_en = Text(help_text="English wording.")
    source = models.ForeignKey(Source, models.PROTECT, help_text="Source of the wording.")
    locator = Text(null=True, help_text="Place in the source: Pn.sm is sentence m of paragraph n.")

    class Meta:
        ordering = ["order", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=MeasureKind.values),
                name="measure_kind_known",
                violation_error_message="kind is neither measure nor outcome",
            )
        ]

    def __str__(self) -> str:
        return str(self.code)


class Statistic(models.TextChoices):
    """What is computed from an indicator and held against a target."""

    LEVEL = "level", "the value of the year"
    RATIO = "ratio", "the value of the year, a ratio"
    COUNT = "count", "the value of the year, a number of things"
    MEAN_ANNUAL_CHANGE = "mean_annual_change", "mean of the yearly differences from baseline_year to year"
    SHARE_OF_UNITS = "share_of_units", "share of the units named by the denominator"
    COUNT_OF_NEW_UNITS = "count_of_new_units", "number of units gained over the period"


class Comparator(models.TextChoices):
    """How a value is held against a target."""

    GE = "ge", "at least"
    LE = "le", "at most"
    EQ = "eq", "exactly"
    APPROX = "approx", "about; no official tolerance"


_COMPARATOR_WORDS = {
    Comparator.GE: ("不低于", "at least"),
    Comparator.LE: ("不高于", "at most"),
    Comparator.EQ: ("达到", "exactly"),
    Comparator.APPROX: ("约", "about"),
}


class Target(models.Model):
    """A number that a plan promises for a region and a year, in its official wording."""

    code = Code(primary_key=True, help_text="Code of the target.")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="targets", help_text="Plan that sets the target.")
    action = models.ForeignKey(
        Action, models.PROTECT, null=True, related_name="targets", help_text="Action that it belongs to, if any."
    )
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="targets", help_text="Indicator it is set on."
    )
    region = models.ForeignKey(Region, models.PROTECT, related_name="targets", help_text="Region it is set for.")
    statistic = Code(choices=Statistic, help_text="What is computed from the indicator.")
    comparator = Code(choices=Comparator, help_text="ge (at least), le (at most), eq (exactly), approx (about).")
    value = models.FloatField(help_text="The number that is aimed at.")
    unit = models.ForeignKey(Unit, models.PROTECT, help_text="Unit of the number.")
    year = Year(help_text="Year by which it is to be reached.")
    period_start = Year(null=True, help_text="First year of the period, if one is named.")
    baseline_year = Year(null=True, help_text="Year that progress is measured from.")
    baseline_value = models.FloatField(null=True, help_text="Official value of the baseline year.")
    direction = Code(
        choices=[(Direction.INCREASE.value, "increase"), (Direction.DECREASE.value, "decrease")],
        help_text="Way in which the value is wanted to move.",
    )
    approximate = models.BooleanField(help_text="Whether the wording says about (左右).")
    scope_zh = Text(null=True, help_text="What the number counts, in Chinese.")
    scope_en = Text(null=True, help_text="What the number counts, in English.")
    denominator = models.PositiveIntegerField(null=True, help_text="Number of units that a share refers to.")
    wording_zh = Text(null=True, help_text="Official wording.")
    note_en = Text(null=True, help_text="How the wording is read.")
    source = models.ForeignKey(Source, models.PROTECT, help_text="Source of the target.")
    locator = Text(null=True, help_text="Place in the source: Pn.sm is sentence m of paragraph n.")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(statistic__in=Statistic.values),
                name="target_statistic_known",
                violation_error_message="statistic is not in the code list",
            ),
            models.CheckConstraint(
                condition=Q(comparator__in=Comparator.values),
                name="target_comparator_known",
                violation_error_message="comparator is not in the code list",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["increase", "decrease"]),
                name="target_direction_known",
                violation_error_message="direction is neither increase nor decrease",
            ),
            models.CheckConstraint(
                condition=Q(value__range=(-1e15, 1e15)),
                name="target_value_finite",
                violation_error_message="value is beyond what can be stored",
            ),
            models.CheckConstraint(
                condition=Q(baseline_value__isnull=True) | Q(baseline_value__range=(-1e15, 1e15)),
                name="target_baseline_value_finite",
                violation_error_message="baseline_value is beyond what can be stored",
            ),
            models.CheckConstraint(
                condition=Q(approximate=False) | Q(comparator=Comparator.APPROX),
                name="target_about_is_approx",
                violation_error_message="an approximate target has the comparator approx",
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
