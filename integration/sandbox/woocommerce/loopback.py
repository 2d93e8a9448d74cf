"""One pretend WooCommerce shop on a loopback port of its own, in a thread: it can go offline and come back.

For tests and benchmarks; the demo mounts its shop beside the other one instead.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn

from integration.sandbox.bus import Bus
from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.courier import Courier
from integration.sandbox.woocommerce.app import application
from integration.sandbox.woocommerce.shop import WooShop

T = TypeVar("T")


class LoopbackShop:
    """`shop` is its state, `faults` what is wrong with it. Change both through `do`: they live in another thread.

    Its cron does not run by itself: webhooks wait for `shop.hooks.run` or for another `shop.hooks.every`.
    """

    def __init__(
        self, version: str = "10.5.2", worker_url: str = "http://127.0.0.1:9", clock: Clock | None = None
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None
        listening = _listen(0)
        self.port: int = listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = SandboxConfig(port=self.port, worker_url=worker_url, woocommerce_version=version)
        self._bus = Bus()
        clock = clock or Clock()
        self.courier = Courier(self._bus, 0, clock)
        self.shop = WooShop(self.config, self.courier, self._bus, clock, site=self.url)
        self.shop.hooks.every = float("inf")
        self.faults = application(self.shop, trust_http=True)
        self._thread.start()
        self._await(self._start(listening))

    def do(self, action: Callable[..., T], *args: Any, **named: Any) -> T:
        """Call something of the shop in its own thread."""

        async def call() -> T:
            return action(*args, **named)

        return self._await(call())

    def go_offline(self) -> None:
        """Nobody listens any more: connection refused."""
        self._await(self._stop())

    def come_online(self) -> None:
        """The same shop at the same address again."""
        self._await(self._start(_listen(self.port)))

    def asked(self) -> list[str]:
        """The paths of the GETs since the last time, without their queries; forgets them."""
        rows = self.do(lambda: [path for method, path, _ in self.shop.requests if method == "GET"])
        self.do(self.shop.requests.clear)
        return rows

    def until(self, holds: Callable[[], bool], timeout: float = 60) -> bool:
        """Wait until something holds in the shop."""
        return self._await(self._bus.until(holds, timeout))

    def close(self) -> None:
        """Stop everything."""
        self._await(self._stop())
        self._await(self._bus.aclose())
        self._await(self.courier.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _start(self, listening: socket.socket) -> None:
        config = uvicorn.Config(
            self.faults, log_level="critical", date_header=False, lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._serving = asyncio.ensure_future(self._server.serve(sockets=[listening]))
        while not self._server.started:
            await asyncio.sleep(0.005)

    async def _stop(self) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        self._server = None


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(100)
    return listening


@contextmanager
def woo_shop(
    version: str = "10.5.2", worker_url: str = "http://127.0.0.1:9", clock: Clock | None = None
) -> Iterator[LoopbackShop]:
    """A shop for one test."""
    shop = LoopbackShop(version, worker_url, clock)
    try:
        yield shop
    finally:
        shop.close()
