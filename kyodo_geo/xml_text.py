"""Text that may stand in XML 1.0: workbooks and feeds."""

from __future__ import annotations

import re

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """The text without the characters that XML has no way to write (https://www.w3.org/TR/xml/#charsets)."""
    return _NOT_XML.sub("", text)
