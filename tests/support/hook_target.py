"""Somewhere on loopback that webhooks are sent to."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class Target:
    """Takes deliveries and answers `status`, after `pause` seconds."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/laden"
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.pause = 0.0

    @property
    def topics(self) -> list[str]:
        return [headers.get("x-wc-webhook-topic", "ping") for headers, _ in self.taken]

    def bodies(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(raw) for headers, raw in self.taken if headers.get("x-wc-webhook-topic") == topic]


@contextmanager
def listening() -> Iterator[Target]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            target.taken.append(({name.lower(): value for name, value in self.headers.items()}, raw))
            time.sleep(target.pause)
            self.send_response(target.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    target = Target(server)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield target
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
