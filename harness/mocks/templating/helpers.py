"""The helpers of templates, by the names that WireMock's users write."""

from collections.abc import Mapping

from harness.mocks.templating import choosing, reading, telling, wording
from harness.mocks.templating.rendering import Helper

INSTEAD: Mapping[str, str] = {
    "systemValue": "a template sees no environment: write the value, or give it in `transformerParameters`",
    "hostname": "it would differ from machine to machine: write the name",
    "xPath": "XML is not read in templates; extract with `regexExtract`",
    "soapXPath": "XML is not read in templates; extract with `regexExtract`",
    "formatXml": "write the XML as it is to go out",
    "formatJson": "use `toJson`",
    "include": "a template names no other file",
    "partial": "a template names no other file",
}


def helpers() -> dict[str, Helper]:
    """All of them by name."""
    return {**choosing.HELPERS, **wording.HELPERS, **reading.HELPERS, **telling.HELPERS}
