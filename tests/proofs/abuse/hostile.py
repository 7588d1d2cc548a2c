"""What hostile clients send, and the plain sockets that they send it with."""

import contextlib
import socket
import struct

NAMES = ("secret.txt", "mock-secret/secret.txt", "etc/passwd")
DOTS = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "....//", "%252e%252e%252f", "..%c0%af", "./../")


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    """A request that asks to close."""
    sent = [line, "Host: x", "Connection: close", *headers, *([f"Content-Length: {len(body)}"] if body else [])]
    return ("\r\n".join(sent) + "\r\n\r\n").encode("latin-1") + body


TRAVERSALS = [
    *(request(f"GET /{dots * depth}{name} HTTP/1.1") for dots in DOTS for depth in (1, 2, 6) for name in NAMES),
    *(request(f"GET /__files/{dots}{name} HTTP/1.1") for dots in DOTS for name in NAMES),
    *(
        request(f"GET {target} HTTP/1.1")
        for target in (
            "file:///etc/passwd", "http://169.254.169.254/latest/meta-data/", "http://10.9.9.2/", "//10.9.9.2/x",
            "http://x@10.9.9.2/", "/@10.9.9.2/", "/http://10.9.9.2/", "/%00/etc/passwd", "/secret.txt%00.json", "*",
        )
    ),
    request("CONNECT 10.9.9.2:80 HTTP/1.1"),
]  # fmt: skip
TEMPLATES = (
    "{{7*7}}-evaluated", "${7*7}-evaluated", "{{request.headers}}", "{{systemValue type='ENVIRONMENT' key='HOME'}}",
    "{% include '/etc/passwd' %}", "#{7*7}-evaluated", "<%= 7*7 %>-evaluated", "{{file '/etc/passwd'}}", "{{7*'7'}}",
)  # fmt: skip
INJECTIONS = [
    *(request("GET /customers/x HTTP/1.1", f"X-Name: {text}") for text in TEMPLATES),
    *(request(f"GET /customers/x?name={text.replace(' ', '+')} HTTP/1.1") for text in TEMPLATES),
    *(request("POST /orders HTTP/1.1", "Content-Type: application/json", body=text.encode()) for text in TEMPLATES),
    *(
        request("GET /customers/x HTTP/1.1", f"{name}: {url}")
        for name in ("X-Callback", "Referer", "X-Forwarded-Host", "Location")
        for url in ("http://169.254.169.254/latest", "http://10.9.9.2/hook", "file:///etc/passwd")
    ),
    *(
        request("POST /orders HTTP/1.1", "Content-Type: application/json", body=body)
        for body in (
            b'{"$ref": "file:///etc/passwd"}', b'{"callback": "http://169.254.169.254/"}',
            b'{"bodyFileName": "../../secret.txt"}', b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        )
    ),
]  # fmt: skip
STUB = b'{"request": {"method": "GET"}, "response": {"status": 200, "body": "taken over"}}'
POKES = [
    request(
        f"{method} /__admin/{path} HTTP/1.1", "Origin: http://elsewhere.example", "Content-Type: text/plain", body=STUB
    )
    for method in ("POST", "PUT", "DELETE", "OPTIONS")
    for path in ("mappings", "mappings/reset", "reset", "settings", "scenarios/reset", "shutdown", "recordings/start")
]

ENTITY = b'<!ENTITY b "&b;&b;">'
DEEP = b"[" * 200_000
POST = "POST /orders HTTP/1.1"
JSON = "Content-Type: application/json"
ABUSES = {
    "head lines of 100 kB": [request("GET / HTTP/1.1", f"X-A: {'a' * 100_000}")] * 20,
    "10,000 header lines": [request("GET / HTTP/1.1", *(f"X-{n}: a" for n in range(10_000)))] * 10,
    "a target of 1 MB": [request(f"GET /{'a' * 2**20} HTTP/1.1")] * 5,
    "bad chunking": [
        request(POST, JSON, "Transfer-Encoding: chunked") + body
        for body in (b"zz\r\n{}\r\n0\r\n\r\n", b"ffffffffffffffffff\r\n{}", b"-1\r\n{}\r\n0\r\n\r\n", b"2\r\n{}0\r\n")
    ],
    "two lengths": [request(POST, JSON, "Content-Length: 2", "Content-Length: 40") + b"{}"],
    "length and chunks": [request(POST, JSON, "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n"],
    "no UTF-8": [
        request("GET /customers/%ff%fe HTTP/1.1"),
        request("GET /customers/\xff\xfe?\xff=\xfe HTTP/1.1", "X-\xff: \xfe"),
        request(POST, JSON, body=b'{"customer_id": "\xff\xfe"}'),
        request(POST, JSON, body=b'{"customer_id": "\\ud800"}'),
    ],
    "HTTP/0.9 and others": [
        b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", b"\x00" * 1000, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    "TLS to a plain port": [bytes.fromhex("16030100c8010000c40303") + b"\x41" * 200],
    "nested JSON": [request(POST, JSON, body=DEEP), request(POST, JSON, body=b'{"a":' * 100_000)],
    "long numbers": [request(POST, JSON, body=b"9" * 1_000_000), request(POST, JSON, body=b"1e" + b"9" * 1000)],
    "expressions that explode": [request(f"GET /customers/{'a' * 30_000} HTTP/1.1")] * 10,
    "XML bombs": [request(POST, "Content-Type: application/xml", body=b"<!DOCTYPE a [" + ENTITY * 999 + b"]>")],
}  # fmt: skip


def connect(port: int, timeout: float = 10) -> socket.socket:
    """A connection to the server."""
    return socket.create_connection(("127.0.0.1", port), timeout)


def ask(port: int, sent: bytes, timeout: float = 5) -> bytes:
    """Send and read until the end; what came, empty where nothing did."""
    with connect(port, timeout) as one:
        found = b""
        with contextlib.suppress(OSError):
            one.sendall(sent)
        with contextlib.suppress(OSError):
            while len(found) < 2**20 and (piece := one.recv(65536)):
                found += piece
                if b"Connection: close" not in sent and b"\r\n\r\n" in found:
                    break
        return found


def body_of(answer: bytes) -> bytes:
    """What follows the head."""
    return answer.partition(b"\r\n\r\n")[2]


def chunked_flood(port: int, megabytes: int, *, declared: bool) -> int:
    """Push a body until the server lets go; how many MB it took. Declared: with its length, else in chunks."""
    length = f"Content-Length: {megabytes * 2**20}" if declared else "Transfer-Encoding: chunked"
    block = b" " * 2**20
    piece = block if declared else b"100000\r\n" + block + b"\r\n"
    taken = 0
    with connect(port) as one, contextlib.suppress(OSError):
        one.sendall(f"{POST}\r\nHost: x\r\n{JSON}\r\n{length}\r\n\r\n".encode())
        for _ in range(megabytes):
            one.sendall(piece)
            taken += 1
    with contextlib.suppress(OSError), connect(port) as one:  # and one that resets in mid-body
        one.sendall(f"{POST}\r\nHost: x\r\n{length}\r\n\r\n".encode() + piece[:1000])
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return taken
