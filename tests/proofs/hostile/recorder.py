"""A server that writes down every request that arrives: `recorder.py PORT_FILE LOG ELSEWHERE`.

It plays a small shop with everything that could tempt a script: a delete button, a form that posts by itself, a
redirect into one, a redirect elsewhere, a page that tries all that a page can. Each line of the log: seconds, method
(the one that a header asks for instead, where one does), path, marked or not; or that somebody connected.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

PAGE = """<!doctype html><html lang="en"><title>Shop</title><h1>Orders</h1>
<button onclick="fetch('/orders/1', {method: 'DELETE'}).then(() => document.title = 'deleted')">delete</button>
</html>"""
PIXEL = '<!doctype html><html lang="en"><title>Pixel</title><img alt="" src="{elsewhere}/pixel.png"></html>'
FORM = """<!doctype html><html lang="en"><title>Form</title><form method="post" action="/orders"><input name="a"></form>
<script>document.forms[0].submit()</script></html>"""
TRICKS = """<!doctype html><html lang="en"><title>Tricks</title>
<link rel="preconnect" href="{elsewhere}"><link rel="prefetch" href="{elsewhere}/prefetched">
<iframe title="in" src="{elsewhere}/framed"></iframe><img alt="" src="{elsewhere}/pixel.png">
<form method="post" action="{elsewhere}/formed" target="_blank"><input name="a"></form>
<a href="/clean" ping="{elsewhere}/pinged">go</a>
<script>
const tried = [
  () => navigator.sendBeacon("{elsewhere}/beacon", "a"), () => navigator.sendBeacon("/orders", "a"),
  () => fetch("{elsewhere}/kept", {{mode: "no-cors", keepalive: true, method: "POST", body: "a"}}),
  () => fetch("/orders", {{headers: {{"X-HTTP-Method-Override": "DELETE"}}}}),
  () => fetch("/orders?_method=DELETE"),
  () => new WebSocket("{socket}/socket"), () => new WebSocket(location.origin.replace("http", "ws") + "/socket"),
  () => new EventSource("{elsewhere}/events"), () => window.open("{elsewhere}/popup"),
  () => new RTCPeerConnection({{iceServers: [{{urls: "turn:{host}?transport=tcp", username: "a", credential: "b"}}]}}
    ).createDataChannel("a"),
  () => navigator.serviceWorker.register("/worker.js"),
  () => document.forms[0].submit(), () => document.querySelector("a").click(),
];
for (const one of tried) {{ try {{ Promise.resolve(one()).catch(() => 0); }} catch (error) {{ }} }}
</script></html>"""
WORKER = """fetch("{elsewhere}/worked", {{mode: "no-cors"}}); fetch("/orders/9", {{method: "DELETE"}});
self.addEventListener("install", () => fetch("{elsewhere}/installed", {{mode: "no-cors", method: "POST"}}));"""
CLEAN = '<!doctype html><html lang="en"><title>Shop</title><h1>Orders</h1></html>'


def answer(path: str, elsewhere: str) -> tuple[str, str, str]:
    """Status, location and body."""
    bare = path.partition("?")[0]
    if bare == "/hop":
        return "302 Found", "/form", ""
    if bare == "/away":
        return "302 Found", f"{elsewhere}/taken", ""
    if bare == "/page":
        return "200 OK", "", PAGE
    if bare == "/pixel":
        return "200 OK", "", PIXEL.format(elsewhere=elsewhere)
    if bare == "/tricks":
        host = elsewhere.partition("//")[2]
        return "200 OK", "", TRICKS.format(elsewhere=elsewhere, host=host, socket=f"ws://{host}")
    if bare == "/worker.js":
        return "200 OK", "", WORKER.format(elsewhere=elsewhere)
    if bare in {"/form", "/clean"}:
        return "200 OK", "", FORM if bare == "/form" else CLEAN
    return "200 OK", "", json.dumps({"version": "1", "status": "ok", "orders": []})


async def main(port_file: Path, log: Path, elsewhere: str) -> None:
    """Serve until ended; the port is written when we listen."""
    lines = log.open("a", buffering=1)

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.write(json.dumps({"connected": True}) + "\n")
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                at = time.monotonic()
                first, *fields = head.decode("latin-1").split("\r\n")
                method, path, _ = first.split(" ", 2)
                named = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in fields)}
                await reader.readexactly(int(named.get("content-length") or 0))
                marked = "x-synthetic-run" in named and "harness-synthetic/" in named.get("user-agent", "")
                method = named.get("x-http-method-override") or ("DELETE" if "_method=DELETE" in path else method)
                lines.write(json.dumps({"at": at, "method": method, "path": path, "marked": marked}) + "\n")
                status, location, body = answer(path, elsewhere)
                kind = "text/html" if body.startswith("<") else "application/json"
                kind = "text/javascript" if path == "/worker.js" else kind
                more = f"Location: {location}\r\n" if location else ""
                sent = "" if method == "HEAD" else body
                head_back = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
                writer.write((head_back + sent).encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError, ValueError):
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    port_file.with_suffix(".new").write_text(str(server.sockets[0].getsockname()[1]))
    port_file.with_suffix(".new").rename(port_file)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
