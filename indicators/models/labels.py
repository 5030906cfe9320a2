"""What a row is called where people choose or confirm it: its code, and its name in the reader's language."""

from django.utils.translation import get_language


def label(code: str, name_zh: str | None, name_en: str | None) -> str:
    """Code and name; the other language's name where the reader's is missing."""
    chinese = (get_language() or "").startswith("zh")
    name = (name_zh or name_en) if chinese else (name_en or name_zh)
    return f"{code} {name}" if name and name != code else code
