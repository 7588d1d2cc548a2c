"""Every sentence of the portal, in English and Chinese, by key.

One table per part of the portal. A key that is not there is our mistake and is seen at once.
"""

from harness.portal.words.accounts import ACCOUNTS
from harness.portal.words.common import COMMON
from harness.portal.words.deeds import DEEDS
from harness.portal.words.office import OFFICE
from harness.portal.words.rules import RULES
from harness.portal.words.signer import SIGNER

LANGUAGES = ("en", "zh")
WORDS: dict[str, tuple[str, str]] = COMMON | ACCOUNTS | SIGNER | OFFICE | RULES | DEEDS


def say(language: str, key: str, **values: object) -> str:
    """The sentence, with its values put in."""
    sentence = WORDS[key][LANGUAGES.index(language)]
    return sentence.format(**values) if values else sentence
