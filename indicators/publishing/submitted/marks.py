"""What people write where a number or a year belongs, recognised in order to say what is expected, never to guess."""

from __future__ import annotations

import re

from ...models import FIRST_YEAR, LAST_YEAR, MISSING
from ..figures import not_a_number
from ..words import Said, both
from ..words import Said as _

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_MISSING_MARKS = {
    "-", "--", "—", "——", "–", "…", "……", "...", "..", ".", "/", "x", "*", "#", "n/a", "na", "n.a.", "null", "none",
    "无", "缺", "缺失", "空", "暂无", "不详", "未公布", "无数据",
}  # fmt: skip
#: Full-width forms; not all that Unicode folds, for then ① would become a digit.
_NARROW = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|∞|1\.#(inf|ind|qnan))", re.IGNORECASE)
_GROUPED = re.compile(r"-?[0-9]{1,3}([,，'’ \u00a0\u202f][0-9]{3})+(\.[0-9]+)?")
_DATE = re.compile(
    r"([0-9]{4})(?:[-/年][0-9]{1,2}月?|[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?)(?:[ T].*)?"
    r"|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4})"
)


def why_no_value(text: str) -> Said | None:
    """What is wrong with the text of a value, and what to write instead; None if it is a decimal number."""
    if (reason := not_a_number(text)) is None:
        return None
    plain = text.translate(_NARROW).strip()
    if plain.casefold() in _MISSING_MARKS or text.casefold() in _MISSING_MARKS:
        return _(
            "is no number: leave a missing value empty and give the reason as status (%(reasons)s)", reasons=MISSING
        )
    if _NOT_FINITE.fullmatch(plain):
        return _("is not a finite number")
    if plain != text and _NUMBER.fullmatch(plain):
        return _("has full-width digits: write %(number)s", number=plain)
    bare, found = plain, []
    if plain.endswith(("%", "‰")):
        bare = plain[:-1].strip()
        found.append(_("a sign of percent") if plain.endswith("%") else _("a sign of per mille"))
    if _GROUPED.fullmatch(bare):
        bare = re.sub(r"[^-0-9.]", "", bare)
        found.append(_("separators of thousands"))
    if found and _NUMBER.fullmatch(bare):
        return _("has %(what)s: write %(number)s", what=both(found), number=bare)
    if re.fullmatch(r"-?[0-9]+,[0-9]+", plain):
        return _("has a comma for the decimal point: write %(number)s", number=plain.replace(",", "."))
    if re.fullmatch(r"[+-]?[0-9.]+e[+-]?[0-9]+", plain, re.IGNORECASE):
        return _("has an exponent: write the digits in full")
    if re.search(r"[0-9]", plain) and (number := re.match(r"-?[0-9]+(\.[0-9]+)?(?=[^0-9.,])", plain)):
        return _("has text beside the number: write %(number)s, and what else is to be known as note", number=number[0])
    return reason


def why_no_year(text: str) -> Said:
    """What is wrong with the text of a year, and what to write instead."""
    plain = text.translate(_NARROW).strip()
    if found := _DATE.fullmatch(plain):
        return _("is a date: write the year, %(year)s", year=found[1] or found[2])
    if found := re.fullmatch(r"([1-9][0-9]{3})(年|年度|\.0+)?", plain):
        return _("is not a plain year: write %(year)s", year=found[1])
    return _("is not a year of four digits, %(first)d to %(last)d", first=FIRST_YEAR, last=LAST_YEAR)
