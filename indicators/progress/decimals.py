"""Decimal arithmetic on published digits: exact where it can be, and answered with 12 significant digits."""

from decimal import Decimal

#: Enough for any published figure, and few enough that what binary arithmetic leaves behind is gone.
SIGNIFICANT = 12


def exact(value: float) -> Decimal:
    """The published decimal of a double."""
    return Decimal(repr(value))


def rounded(value: Decimal | float) -> float:
    """A computed number as it is answered, and as it is compared with thresholds."""
    return float(f"{value:.{SIGNIFICANT}g}") + 0.0  # -0.0 becomes 0.0


def decimal(value: Decimal | float) -> Decimal:
    """A computed number as a decimal."""
    return value if isinstance(value, Decimal) else exact(value)
