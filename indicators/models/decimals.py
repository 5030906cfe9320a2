"""Doubles written as the decimals they were published as."""

from decimal import Decimal


def decimal_text(value: float) -> str:
    """The shortest decimal that reads back as `value`: no `.0`, no exponent, no minus before zero.

    That is the published figure to the digit: publication refuses figures that would not come back.
    """
    text = repr(value)
    if text.endswith(".0"):
        text = text[:-2]
    elif "e" in text:
        text = format(Decimal(text), "f")
    return "0" if text == "-0" else text
