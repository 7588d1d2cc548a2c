"""A list of resources as a query asks for it: filters that the contract documents, order, and pages."""

import re
from collections.abc import Mapping
from typing import Any

from harness.mocks.blueprint import flat_name
from harness.mocks.contracts import CompiledOperation
from harness.mocks.messages import Request

_PAGE = frozenset({"page", "pagenumber", "pageindex", "pageno"})
_SIZE = frozenset({"pagesize", "perpage", "limit", "size", "count", "maxresults", "top", "take"})
_OFFSET = frozenset({"offset", "skip", "start", "startindex"})
_SEARCH = frozenset({"q", "query", "search", "term", "filter"})
_SORT = frozenset({"sort", "sortby", "orderby", "order"})
_TOTAL = frozenset({"total", "totalcount", "totalitems", "totalelements", "totalresults"})
_MORE = frozenset({"hasmore", "hasnext"})
_PAGES = frozenset({"totalpages", "pages", "pagecount"})


class Wanted:
    """What a query asks of a list, as far as the contract documents the parameters."""

    def __init__(self, operation: CompiledOperation, request: Request) -> None:
        documented = {parameter.name for parameter in operation.parameters if parameter.where == "query"}
        self.size: int | None = None
        self.page = 1
        self.offset: int | None = None
        self._filters: list[tuple[str, list[str]]] = []
        self._search = ""
        self._sort = ""
        values: dict[str, list[str]] = {}
        for name, value in request.pairs:
            if name in documented:
                values.setdefault(name, []).append(value)
        for name, given in values.items():
            self._take(name, given)

    def _take(self, name: str, given: list[str]) -> None:
        flat, first = flat_name(name), given[0]
        if flat in _PAGE and first.isdigit():
            self.page = int(first[:9])
        elif flat in _SIZE and first.isdigit():
            self.size = int(first[:9])
        elif flat in _OFFSET and first.isdigit():
            self.offset = int(first[:9])
        elif flat in _SORT:
            self._sort = first
        elif flat in _SEARCH:
            self._search = first.casefold()
        else:
            self._filters.append((flat, [part for one in given for part in one.split(",")]))

    def of(self, values: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The values that pass the filters, in the order asked for; no pages yet."""
        found = [value for value in values if self._passes(value)]
        field = re.split(r"[:, ]", self._sort.lstrip("+-"))[0]
        if field:
            backwards = self._sort.startswith("-") or self._sort.lower().endswith((":desc", " desc"))
            found.sort(key=lambda value: _rank(value.get(field)), reverse=backwards)
        return found

    def cut(self, values: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One page."""
        if self.size is None and self.offset is None:
            return values if self.page <= 1 else []
        size = self.size if self.size is not None else 20
        start = self.offset if self.offset is not None else (max(self.page, 1) - 1) * size
        return values[start : start + size]

    def told(self, name: str, schema: Any, total: int, shown: int) -> Any:
        """What a property beside the list says of it, None where it says nothing that we know."""
        flat = flat_name(name)
        start = self.offset if self.offset is not None else (max(self.page, 1) - 1) * (self.size or 0)
        if flat in _TOTAL:
            return total
        if flat == "count":
            return shown
        if flat in _PAGE:
            return self.page
        if flat in _OFFSET:
            return start
        if flat in _SIZE:
            default = schema.get("default") if isinstance(schema, Mapping) else None
            return self.size if self.size is not None else default if isinstance(default, int) else max(shown, 1)
        if flat in _MORE:
            return start + shown < total
        if flat in _PAGES:
            return -(-total // self.size) if self.size else 1
        return None

    def _passes(self, value: dict[str, Any]) -> bool:
        if self._search and not any(isinstance(v, str) and self._search in v.casefold() for v in value.values()):
            return False
        flat = {flat_name(name): one for name, one in value.items()}
        return all(_as_text(flat[name]) in allowed for name, allowed in self._filters if name in flat)


def _as_text(value: Any) -> str:
    return {True: "true", False: "false", None: ""}.get(value, str(value)) if not isinstance(value, list | dict) else ""


def _rank(value: Any) -> tuple[int, float, str]:
    if isinstance(value, int | float):
        return 0, float(value), ""
    return (1, 0.0, value) if isinstance(value, str) else (2, 0.0, "")
