"""A WhatsApp Cloud API that costs next to nothing: takes messages after some latency, up to Meta's limit a second."""

import asyncio
from typing import Any

import orjson

from benchmarks.children import talk
from integration.domain.templates.templates import all_templates
from integration.sandbox.clock import Clock
from integration.sandbox.whatsapp.limits import Bucket

REFUSAL = {
    "message": "(#130429) Rate limit hit",
    "type": "OAuthException",
    "code": 130429,
    "error_data": {"messaging_product": "whatsapp", "details": "Cloud API message throughput has been reached."},
    "fbtrace_id": "AbenchmarkbenchmarkA",
}
END = b"\r\n\r\n"


class Stub:
    """Counts what it accepted; `distinct` are different (recipient, variables)."""

    def __init__(self) -> None:
        self.latency = 0.0
        self.limit = 0.0
        self.bucket = Bucket(Clock())
        self.accepted = 0
        self.refused = 0
        self.distinct: set[bytes] = set()
        rows = [
            {"name": t.name, "language": t.language, "status": "APPROVED", "category": t.category}
            for t in all_templates()
        ]
        self.templates = _answer(orjson.dumps({"data": rows}))

    async def reset(self, latency: float, limit: float = 0.0) -> dict[str, Any]:
        """Begin to count anew, with this latency in seconds and at most so many messages a second (0: any)."""
        self.latency, self.limit, self.accepted, self.refused = latency, limit, 0, 0
        self.distinct.clear()
        return {}

    async def stats(self) -> dict[str, Any]:
        """What was accepted since the last reset."""
        return {"accepted": self.accepted, "distinct": len(self.distinct), "refused": self.refused}

    def answer(self, head: bytes, body: bytes) -> bytes:
        """What a request gets."""
        if head.startswith(b"GET"):
            return self.templates
        sent = orjson.loads(body)
        if self.limit and not self.bucket.take(self.limit):
            self.refused += 1
            return _answer(orjson.dumps({"error": REFUSAL}), b"429 Too Many Requests")
        self.accepted += 1
        self.distinct.add(orjson.dumps([sent["to"], sent["template"]]))
        wamid = f"wamid.{self.accepted:020d}"
        return _answer(
            orjson.dumps(
                {
                    "messaging_product": "whatsapp",
                    "contacts": [{"input": sent["to"], "wa_id": sent["to"][1:]}],
                    "messages": [{"id": wamid, "message_status": "accepted"}],
                }
            )
        )


class _Connection(asyncio.Protocol):
    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while END in self._received:
            head, _, rest = self._received.partition(END)
            length = _length(head)
            if len(rest) < length:
                return
            self._received = rest[length:]
            self._reply(self._stub.answer(head, rest[:length]))

    def _reply(self, answer: bytes) -> None:
        if self._stub.latency:
            asyncio.get_running_loop().call_later(self._stub.latency, self._transport.write, answer)
        else:
            self._transport.write(answer)


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def _answer(body: bytes, status: bytes = b"200 OK") -> bytes:
    head = f"HTTP/1.1 {status.decode()}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def main() -> None:
    """Listen on a free port of loopback."""
    stub = Stub()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(stub), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await talk.listen({"port": port}, {"reset": stub.reset, "stats": stub.stats})


if __name__ == "__main__":
    talk.run(main())
