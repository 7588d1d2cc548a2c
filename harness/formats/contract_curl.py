"""Several requests as one line for a shell, in which what the earlier answers give goes into the later requests."""

from harness.formats.contract_chain import used_in
from harness.formats.curl import Request, curl_line

_MARK = "\x00"


def curl_script(before: tuple[tuple[Request, str], ...], request: Request) -> str:
    """`ID1=$(curl … | sed …); curl …/"$ID1"`: a value that an earlier answer gave is taken from the new answer."""
    requests = [one for one, _ in before] + [request]
    lines: list[str] = []
    known: dict[str, str] = {}
    for number, (one, answer) in enumerate(before):
        line = _line(one, known)
        found = next(
            ((pointer, value) for later in requests[number + 1 :] for pointer, value in used_in(later, answer)), None
        )
        if found is None or found[1] in known:
            lines.append(line)
            continue
        member = found[0].rpartition("/")[2]
        known[found[1]] = f"ID{len(known) + 1}"
        lines.append(f"{known[found[1]]}=$({line} | {_picked(member)})")
    return "; ".join([*lines, _line(request, known)])


def _line(request: Request, known: dict[str, str]) -> str:
    """The line of one request, with shell variables where known values stand in its address."""
    start, mark, query = request.url.partition("?")
    steps = start.split("/")
    path = "/".join([*steps[:3], *(_MARK + known[step] + _MARK if step in known else step for step in steps[3:])])
    pairs = [pair.partition("=") for pair in query.split("&")]
    query = "&".join(a + b + (_MARK + known[c] + _MARK if c in known else c) for a, b, c in pairs)
    line = curl_line(
        Request(
            method=request.method,
            url=path + mark + query,
            headers=request.headers,
            credentials=request.credentials,
            body=request.body,
        )
    )
    for name in known.values():
        line = line.replace(f"{_MARK}{name}{_MARK}", f"'\"${name}\"'")
    return line


def _picked(member: str) -> str:
    """The first value of a member of a JSON answer, by what every system has."""
    safe = "".join(letter if letter.isalnum() or letter in "_-" else "." for letter in member)
    return f"""tr ',{{}}' '\\n' | sed -n 's/^ *"{safe}" *: *"\\{{0,1\\}}\\([^"]*\\)"\\{{0,1\\}} *$/\\1/p' | head -n 1"""
