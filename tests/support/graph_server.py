"""A scripted Graph API over a socket, with the ways in which a connection can fail."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from connectors.whatsapp import SenderSettings

TOKEN = "EAAGgeheimerToken1234567890"
Answer = Callable[[asyncio.StreamWriter, "Request"], Coroutine[Any, Any, None]]


@dataclass
class Request:
    """One request as it came over the wire."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A scripted Graph API: the n-th request gets the n-th answer, later ones the last."""

    answers: list[Answer]
    requests: list[Request] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read(reader):
                self.requests.append(request)
                await self.answers[min(len(self.requests), len(self.answers)) - 1](writer, request)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def settings(self, **changes: Any) -> SenderSettings:
        given = {
            "phone_number_id": "1065",
            "business_account_id": "4190",
            "token": TOKEN,
            "app_secret": "a",
            "verify_token": "v",
            "base_url": f"http://127.0.0.1:{self.port}/v26.0",
        }
        return SenderSettings.model_validate(given | changes)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    line, *rows = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (row.partition(": ") for row in rows)}
    return Request(line, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


def answer(status: int, body: object, kind: str = "application/json", **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)

    async def reply(writer: asyncio.StreamWriter, _: Request) -> None:
        rows = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(raw)}"]
        rows += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*rows, "", ""]).encode() + raw)
        await writer.drain()

    return reply


def graph_error(status: int, code: int, details: str = "", **more: Any) -> Answer:
    error = {"message": f"(#{code}) Fehler", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return answer(status, {"error": error | {"error_data": {"details": details}} | more})


async def hang(writer: asyncio.StreamWriter, _: Request) -> None:
    await asyncio.sleep(30)


async def trickle(writer: asyncio.StreamWriter, _: Request) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def drop(writer: asyncio.StreamWriter, _: Request) -> None:
    writer.close()


async def reset(writer: asyncio.StreamWriter, _: Request) -> None:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


async def half(writer: asyncio.StreamWriter, _: Request) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"messages":[{"id"')
    await writer.drain()
    writer.close()


async def babble(writer: asyncio.StreamWriter, _: Request) -> None:
    writer.write(b"this is not http\r\n\r\n")
    await writer.drain()
    writer.close()


@asynccontextmanager
async def graph(*answers: Answer) -> AsyncIterator[Server]:
    server = Server(list(answers))
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
