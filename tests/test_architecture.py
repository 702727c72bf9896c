"""Imports go one way, and the pure packages are pure (design.md, "The house")."""

import ast
from pathlib import Path

import pytest

import wassop

ROOT = Path(wassop.__file__).parent

# What each part may import of ours, besides itself. cli, __main__ and the package itself stand on top.
MAY_IMPORT = {
    "core": set(),
    "locale": set(),
    "config": {"locale", "core.limits", "core.names"},
    "wire": {"core", "locale"},
    "storage": {"core", "locale"},
    "web": {"core", "wire", "locale"},
    "server": {"core", "wire", "storage", "web", "config", "locale"},
    "client": {"core", "wire", "config", "locale"},
}
ON_TOP = {"", "cli", "__main__"}
IMPURE = {"trio", "socket", "asyncio", "time", "random", "logging", "structlog"}
ASYNC = ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await


def modules(part):
    folder = ROOT / part
    return (
        sorted(folder.rglob("*.py"))
        if folder.is_dir()
        else [ROOT / f"{part}.py"] * (ROOT / f"{part}.py").exists()
    )


def imports(path):
    """The full names of what a module imports, wherever in it and also for types only."""
    package = ["wassop", *path.relative_to(ROOT).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def within(name, part):
    return name == part or name.startswith(f"{part}.")


def parts():
    found = {
        path.stem if path.is_file() else path.name for path in ROOT.iterdir() if path.name[0] not in "._"
    }
    return {name for name in found if modules(name)}


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_imports_go_one_way(part):
    allowed = {part, *MAY_IMPORT[part]}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(part)
        for name in imports(path)
        if within(name, "wassop")
        and not any(within(name, f"wassop.{other}") for other in allowed)
        and name not in ("wassop", "wassop.__version__")
    ]
    assert wrong == []


def test_every_part_of_the_house_has_its_place():
    assert parts() - ON_TOP <= MAY_IMPORT.keys()
    assert {"core", "wire", "locale"} <= parts()


@pytest.mark.parametrize("part", ["core", "wire", "web"])
def test_the_pure_parts_import_nothing_that_waits_or_looks_at_the_world(part):
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(part)
        for name in imports(path)
        if name.split(".")[0] in IMPURE
    ]
    assert wrong == []


@pytest.mark.parametrize("part", ["core", "wire", "web"])
def test_the_pure_parts_never_wait(part):
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules(part)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ASYNC) or (isinstance(node, ast.comprehension) and node.is_async)
    ]
    assert wrong == []
