"""What a JSON pointer (RFC 6901) leads to in a value that somebody else gave: nothing is taken for another thing."""

import re
from typing import Any

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def pointed(value: Any, pointer: str) -> Any:
    """The value at a pointer; None where it leads nowhere. An index never counts from the last entry."""
    if pointer and not pointer.startswith("/"):
        return None
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value
