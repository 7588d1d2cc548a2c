"""What load scripts import: `from harness.kit.load import ApiUser`.

The name is looked up when it is asked for: importing Locust changes the whole process (it patches the
standard library for gevent), and that must happen in the load engine's own process only.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.kit.load.users import ApiUser

__all__ = ["ApiUser"]


def __getattr__(name: str) -> Any:
    if name == "ApiUser":
        from harness.kit.load.users import ApiUser

        return ApiUser
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
