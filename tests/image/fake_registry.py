"""A registry on the loopback address that does what real ones do on bad days."""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.image import packing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class FakeRegistry:
    """Serves manifests and blobs. What a test sets on it changes its answers; `asked` keeps what it was sent."""

    def __init__(self) -> None:
        self.address = ""
        self.manifests: dict[str, bytes] = {}
        self.blobs: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}
        """More headers of manifests."""
        self.statuses: list[int] = []
        """Of the next answers, in place of the content."""
        self.retry_after = "0"
        self.challenge = ""
        """Of an answer to a request that is not authorized."""
        self.authorized: set[str] = set()
        self.token: Any = {"token": "the-token"}
        self.redirect: dict[str, str] = {}
        """Address by path."""
        self.breaks_after: list[int] = []
        """How many bytes of a blob the next answers send before the connection ends."""
        self.ranges = True
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def put(self, image: packing.Image, tag: str = "v1") -> None:
        """Has it serve an image."""
        self.blobs |= image.all()
        self.manifests |= {tag: image.manifest, packing.digest(image.manifest): image.manifest}

    def sent(self, part: str) -> list[str | None]:
        """The Authorization headers of the requests whose path holds a text."""
        return [headers.get("Authorization") for path, headers in self.asked if part in path]


@contextmanager
def serving(certificate: tuple[str, str] | None = None) -> Iterator[FakeRegistry]:
    """A registry in a thread, with TLS where a certificate and its key are given."""
    fake = FakeRegistry()

    class Handler(_Handler):
        registry = fake

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    fake.address = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    registry: FakeRegistry
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.registry.asked.append((self.path + "?" + body, dict(self.headers)))
        self.answer(200, json.dumps(self.registry.token).encode())

    def do_GET(self) -> None:
        registry = self.registry
        registry.asked.append((self.path, dict(self.headers)))
        if self.path.startswith("/token"):
            return self.answer(200, json.dumps(registry.token).encode())
        if registry.statuses:
            status = registry.statuses.pop(0)
            if status != 200:
                error = json.dumps({"errors": [{"code": "X", "message": "because\nof that"}]}).encode()
                return self.answer(status, error, {"Retry-After": registry.retry_after})
        if registry.challenge and self.headers.get("Authorization") not in registry.authorized:
            return self.answer(401, b"{}", {"WWW-Authenticate": registry.challenge})
        if self.path in registry.redirect:
            return self.answer(307, b"", {"Location": registry.redirect[self.path]})
        kind, _, name = self.path.rpartition("/")
        if kind.endswith("/manifests") and name in registry.manifests:
            content = registry.manifests[name]
            media_type = json.loads(content).get("mediaType", "") if content[:1] == b"{" else ""
            return self.answer(200, content, {"Content-Type": media_type, **registry.headers})
        if (kind.endswith("/blobs") or kind == "/elsewhere") and name in registry.blobs:
            return self.blob(registry.blobs[name])
        return self.answer(404, b'{"errors": [{"code": "NAME_UNKNOWN"}]}')

    def blob(self, content: bytes) -> None:
        start = 0
        headers = {}
        if self.registry.ranges and (asked := self.headers.get("Range")):
            start = int(asked.removeprefix("bytes=").split("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.answer(206 if headers else 200, content[start:], headers, broken=True)

    def answer(
        self, status: int, content: bytes, headers: Mapping[str, str] | None = None, broken: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if broken and self.registry.breaks_after:
            self.wfile.write(content[: self.registry.breaks_after.pop(0)])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(content)
