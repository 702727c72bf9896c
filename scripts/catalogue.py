#!/usr/bin/env python3
"""Bring the catalogues in src/wassop/locale up to date with the sources.

    python3 scripts/dev.py run python scripts/catalogue.py            extract, merge, compile
    python3 scripts/dev.py run python scripts/catalogue.py --check    only say what is not up to date

New texts appear in the .po file with an empty translation; fill it in and run this again.
"""

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from wassop.core.refusals import TEXTS
from wassop.locale import CATALOGUES, DOMAIN

SOURCES = Path(__file__).resolve().parent.parent / "src" / "wassop"
SINGULAR = {"_", "gettext", "N_"}


def extracted() -> Catalog:
    """All texts of the sources; core's refusals are a table that stands for itself."""
    template = Catalog(domain=DOMAIN)
    for path in sorted(SOURCES.rglob("*.py")):
        place = (path.relative_to(SOURCES).as_posix(), 0)  # line numbers would change with every edit
        for message in messages_in(path):
            template.add(message, locations=[place])
    for text in TEXTS.values():
        template.add(text, locations=[("core/refusals.py", 0)])
    return template


def messages_in(path: Path) -> Iterator[str | tuple[str, str]]:
    """The texts that are marked in a source file, inside f-strings too, which extraction by tokens misses."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", None))
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if name in {"ngettext", "N_"} and len(texts) == 2:
                yield texts[0], texts[1]
            elif name in SINGULAR and texts:
                yield texts[0]


def po_path(lang: str) -> Path:
    return CATALOGUES / lang / "LC_MESSAGES" / f"{DOMAIN}.po"


def merged(lang: str) -> Catalog:
    """The catalogue of a language with exactly the texts that the sources have now."""
    path = po_path(lang)
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=lang, domain=DOMAIN)
    else:
        catalogue = Catalog(locale=lang, domain=DOMAIN)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    return catalogue


def as_po(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(
        buffer,
        catalogue,
        omit_header=False,
        sort_output=True,
        include_lineno=False,
        ignore_obsolete=True,
        width=100,
    )
    # Dates would make every run a change.
    return b"".join(
        line
        for line in buffer.getvalue().splitlines(keepends=True)
        if b"-Date: " not in line and b"Generated-By" not in line
    )


def as_mo(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    with io.BytesIO(as_po(catalogue)) as source:
        write_mo(buffer, read_po(source, locale=catalogue.locale, domain=DOMAIN))
    return buffer.getvalue()


def problems(lang: str) -> list[str]:
    """What keeps the catalogue of `lang` from being complete and up to date."""
    catalogue = merged(lang)
    found = [f"{lang}: no translation of {m.id!r}" for m in catalogue if m.id and not all(as_forms(m.string))]
    # Compared by their texts: the headers hold dates and the version of the tool.
    wanted = texts(catalogue)
    for path, read in ((po_path(lang), read_po), (po_path(lang).with_suffix(".mo"), read_mo)):
        with path.open("rb") as file:
            if texts(read(file)) != wanted:
                found.append(f"{lang}: {path.name} is not what the sources say; run scripts/catalogue.py")
    return found


def texts(catalogue: Catalog) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Each text (and its plural) with its translations."""
    return {as_forms(m.id): as_forms(m.string) for m in catalogue if m.id and any(as_forms(m.string))}


def as_forms(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ("",))


def main() -> None:
    if "--check" not in sys.argv[1:]:
        catalogue = merged("es")
        po_path("es").parent.mkdir(parents=True, exist_ok=True)
        po_path("es").write_bytes(as_po(catalogue))
        po_path("es").with_suffix(".mo").write_bytes(as_mo(catalogue))
    found = problems("es")
    print("\n".join(found) or "es: complete")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
