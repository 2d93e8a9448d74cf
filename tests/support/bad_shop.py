"""A shop on loopback that answers whatever a test says, for one request after the other."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """One request; the reply has it in hand."""

    server: "Server"
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        self.server.seen.append((self.command, self.path))
        reply = self.server.replies[0] if len(self.server.replies) == 1 else self.server.replies.pop(0)
        reply(self)
        self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Not into the tests' output."""

    def say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """`replies` are used up one by one; the last one stays. `seen` are method and path of each request."""

    daemon_threads = True
    replies: list[Reply]
    seen: list[tuple[str, str]]
    gate: threading.Event

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests want."""


@contextmanager
def bad_shop(*replies: Reply) -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.replies, server.seen, server.gate = list(replies), [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()


def says(status: int, body: bytes, **headers: str) -> Reply:
    return lambda handler: handler.say(status, body, **headers)
