"""What an MP4 says of its tracks, from its own table (ISO 14496-12: boxes of length, name, content)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

VIDEO: Final = b"vide"
AUDIO: Final = b"soun"
#: where a track's table lies, from the track on
_TABLE: Final = (b"mdia", b"minf", b"stbl")
#: version, flags and a number of entries stand before the entries of a box that lists something
_HEAD: Final = 8


@dataclass(frozen=True, slots=True)
class Track:
    """One track: what it is (VIDEO, AUDIO, …), the four letters of its codec, and whether pictures are `reordered`.

    Reordered are those that are shown in another order than they are stored: B-frames.
    """

    kind: bytes
    codec: bytes
    reordered: bool


def tracks(content: bytes) -> list[Track]:
    """The tracks of a file; none for what is no MP4, or broken."""
    return [_track(found) for found in _inside(memoryview(content), b"moov", b"trak")]


def _track(trak: memoryview) -> Track:
    handler = next(_inside(trak, b"mdia", b"hdlr"), memoryview(b""))
    entries = next(_inside(trak, *_TABLE, b"stsd"), memoryview(b""))
    offsets = next(_inside(trak, *_TABLE, b"ctts"), memoryview(b""))
    return Track(bytes(handler[8:12]), bytes(entries[_HEAD + 4 : _HEAD + 8]), len(_offsets(offsets)) > 1)


def _offsets(ctts: memoryview) -> set[bytes]:
    """By how much pictures are shown later than they are decoded: always alike without B-frames."""
    return {bytes(ctts[at + 4 : at + 8]) for at in range(_HEAD, len(ctts) - 7, 8)}


def _inside(content: memoryview, *path: bytes) -> Iterator[memoryview]:
    if not path:
        yield content
        return
    for name, found in _boxes(content):
        if name == path[0]:
            yield from _inside(found, *path[1:])


def _boxes(content: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    at = 0
    while at + 8 <= len(content):
        size, head = int.from_bytes(content[at : at + 4]), 8
        if size == 1:  # the length did not fit into four bytes
            size, head = int.from_bytes(content[at + 8 : at + 16]), 16
        elif size == 0:  # up to the end
            size = len(content) - at
        if size < head:
            return
        yield bytes(content[at + 4 : at + 8]), content[at + head : at + size]
        at += size
