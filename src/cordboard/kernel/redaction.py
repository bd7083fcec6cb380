"""Taking a name out of texts: an address or identity is replaced wherever it stands as a word, also inside JSON.

As a word: ``ana`` is not found in ``banana``, and ``+12025550143`` is in ``whatsapp:+12025550143``. JSON is read, for a name may be
escaped in it in many ways; a text that holds a JSON object or array is looked through as well.
"""

import re
from typing import Any

from .json import dump, parse

EMPTY = "{}"


class Redaction:
    """``pseudonym`` takes the place of ``name``. What does not hold the name comes back as it was, byte for byte."""

    def __init__(self, name: str, pseudonym: str) -> None:
        self._word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        self._pseudonym = pseudonym

    def text(self, text: str) -> str:
        """A text without the name."""
        return self._word.sub(self._pseudonym, text)

    def optional(self, text: str | None) -> str | None:
        """A text without the name, if there is one."""
        return None if text is None else self.text(text)

    def names(self, text: str | None) -> bool:
        """Whether a text holds the name."""
        return text is not None and self._word.search(text) is not None

    def json(self, text: str) -> str:
        """A JSON text without the name, in its keys neither. What is no JSON is a text."""
        try:
            value = parse(text)
        except ValueError:
            return self.text(text)
        redacted = self._value(value)
        return text if redacted == value else dump(redacted)

    def _value(self, value: Any) -> Any:  # noqa: ANN401 - JSON is any of seven types
        if isinstance(value, str):
            return self.json(value) if value[:1] in ("{", "[") else self.text(value)
        if isinstance(value, list):
            return [self._value(one) for one in value]
        if isinstance(value, dict):
            return {self.text(key): self._value(one) for key, one in value.items()}
        return value
