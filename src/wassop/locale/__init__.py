"""Texts for people, in Spanish and English: the sources are English, the catalogues are gettext's."""

import gettext
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("es", "en")
DEFAULT_LANGUAGE: Final = "es"
DOMAIN: Final = "wassop"
CATALOGUES: Final = Path(__file__).parent

Translations = gettext.NullTranslations


def locale_language(environ: Mapping[str, str]) -> str:
    """The language of the person's locale, as the system names it, if it is one of ours; else Spanish."""
    named = (environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    language = next(filter(None, named), "")[:2].lower()
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


@lru_cache(maxsize=len(LANGUAGES))
def translations(lang: str) -> Translations:
    """The catalogue of one of `LANGUAGES`; English, the language of the sources, needs none."""
    if lang == "en":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, CATALOGUES, languages=[lang])


def N_(text: str, plural: str | None = None) -> str:
    """Mark a text (and its plural) for translation that is translated later, where it is shown."""
    del plural
    return text
