"""An import's file, read without holding it in memory: its pieces, its encoding, its separator, its rows."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from integration.domain.consent.imports import problem
from integration.domain.errors import LadenboteError
from integration.flow.world import World
from integration.store.consent import imports
from integration.store.consent.imports import Import

PIECE = 256_000
_SEPARATORS = ",;\t"


class BadFile(LadenboteError):
    """This file cannot be read as a table of consents. `code` is one of `consent_files.PROBLEMS`."""

    def __init__(self, code: str) -> None:
        super().__init__(problem(code).en)
        self.code = code


class _Pieces(io.RawIOBase):
    """The file's pieces as one stream, one of them in memory at a time."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._left = parts, b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes, 0 at the end."""
        while not self._left:
            piece = next(self._parts, None)
            if piece is None:
                return 0
            self._left = piece
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


class Encodings:
    """Which encoding a file has: by its mark, else UTF-8 when all of it is, else what Windows writes."""

    def __init__(self) -> None:
        self._start = b""
        self._utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()

    def see(self, piece: bytes) -> None:
        """Look at the next piece."""
        self._start = self._start or piece[:64]
        try:
            if self._utf8:
                self._utf8.decode(piece)
        except UnicodeDecodeError:
            self._utf8 = None

    def answer(self) -> str:
        """The encoding's name."""
        if self._start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if self._start[1::2].count(0) > len(self._start) // 4:
            return "utf-16-le"
        return "utf-8-sig" if self._utf8 else "cp1252"


def resized(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size."""
    kept = bytearray()
    for part in parts:
        kept += part
        while len(kept) >= PIECE:
            yield bytes(kept[:PIECE])
            del kept[:PIECE]
    if kept:
        yield bytes(kept)


def _text(world: World, id_: str, encoding: str) -> io.TextIOWrapper:
    stream = _Pieces(imports.pieces(world.database, world.vault, id_))
    return io.TextIOWrapper(io.BufferedReader(stream), encoding, errors="replace", newline="")


def first_line(world: World, id_: str, encoding: str) -> str:
    with _text(world, id_, encoding) as text:
        return text.readline(100_000)


def separator_of(line: str) -> str:
    """The separator that the first line uses most."""
    return max(_SEPARATORS, key=line.count)


def table(world: World, item: Import) -> Iterator[tuple[int, list[str]]]:
    """The file's rows with their numbers, the header's is 1. Raises BadFile with the line that cannot be read."""
    with _text(world, item.id, item.encoding) as text:
        reader = csv.reader(text, delimiter=item.separator)
        number = 0
        try:
            for number, cells in enumerate((row for row in reader if row), 1):
                yield number, cells
        except csv.Error:
            raise BadFile(f"unreadable:{number + 1}") from None
