"""The rules of docs/architecture.md: imports point down, doors do not see each other, formats never query."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "indicators"
DOORS = ("api", "hot", "downloads", "harvest", "sdmx", "portal", "admin", "management")
FLOORS = ("models", "query", "progress", "formats", "catalog", "publishing", "http")
MODULES = [path for path in ROOT.rglob("*.py") if "migrations" not in path.parts]


def room(path: Path) -> str:
    """The folder or file below indicators/ that a module belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> set[tuple[str, ...]]:
    """Absolute dotted names that a module imports."""
    package = ("indicators", *path.relative_to(ROOT).parent.parts)
    found: set[tuple[str, ...]] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = (*base, *(node.module.split(".") if node.module else ()))
            found |= {(*module, alias.name) for alias in node.names}
    return found


def rooms_used(path: Path) -> set[str]:
    return {name[1] for name in imports(path) if name[0] == "indicators" and len(name) > 1} - {room(path)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    here, used = room(path), rooms_used(path)
    if here in DOORS:
        assert not used & set(DOORS), "a door never imports another door"
    elif here in FLOORS:
        assert used <= set(FLOORS[: FLOORS.index(here)]), f"{here} may only import the floors below it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    used = {name[0] for name in imports(path)}
    if "rest_framework" in used or "drf_spectacular" in used:
        assert room(path) in ("api", "http", "sdmx")
    if "django_filters" in used:
        assert path.relative_to(ROOT).as_posix() in ("query/filters.py",) or room(path) == "api"
    if room(path) in ("formats", "harvest"):
        assert "django" not in used, "a format or a standard never asks the database"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if text.strip():
        assert text.startswith('"""'), "the first line is a sentence about the module"
    assert "TODO" not in text
    assert path.name not in ("utils.py", "helpers.py", "common.py", "services.py", "manager.py")
