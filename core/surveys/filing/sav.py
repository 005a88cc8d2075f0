"""Writes SPSS system files (.sav), case by case, so that memory does not grow with their number; pure.

The layout follows "System File Format" of the PSPP Developers Guide: little-endian, UTF-8, numbers as doubles,
compressed by bytecodes. A text of more than 255 bytes is stored in segments, as record 7/14 tells.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Final, Literal

Measure = Literal["nominal", "ordinal", "scale"]
MEASURES: Final[dict[Measure, int]] = {"nominal": 1, "ordinal": 2, "scale": 3}
LONGEST_TEXT: Final = 32_767
LONGEST_LABEL: Final = 252
LONGEST_VALUE_LABEL: Final = 120
SEGMENT: Final = 255
# A segment counts for 252 bytes of width, and holds 255.
SEGMENT_WIDTH: Final = 252
BIAS: Final = 100.0
_SYSMIS: Final = -sys.float_info.max
_NEXT_BUT_LOWEST: Final = struct.unpack("<d", bytes.fromhex("feffffffffffefff"))[0]
_PRODUCT: Final = "@(#) SPSS DATA FILE synthetic-people"
_F, _A = 5, 1
_SPACES, _RAW, _MISSING = 254, 253, 255


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: a number where `width` is 0, else a text of at most so many bytes of UTF-8.

    `labels` are those of single values; `missing` the lowest and the highest value that stand for no answer.
    """

    name: str
    label: str = ""
    width: int = 0
    decimals: int = 0
    labels: tuple[tuple[float, str], ...] = ()
    missing: tuple[float, float] | None = None
    measure: Measure = "nominal"


class Writer:
    """A system file under way: give it rows, then close it."""

    def __init__(
        self, target: IO[bytes], variables: Sequence[Variable], *, title: str, made_at: datetime, weight: str | None
    ) -> None:
        self._target = target
        self._variables = [_bounded(variable) for variable in variables]
        self._cases = 0
        self._codes = bytearray()
        self._raw = bytearray()
        target.write(self._header(title, made_at, weight))
        for record in self._dictionary():
            target.write(record)

    def row(self, values: Sequence[Any]) -> None:
        """Write a case: a number or None for each number, a text for each text, which is cut to its width."""
        for variable, value in zip(self._variables, values, strict=True):
            if not variable.width:
                self._number(value)
                continue
            data = _cut("" if value is None else str(value), variable.width)
            for at, width in enumerate(_segments(variable.width)):
                self._text(data[at * SEGMENT : (at + 1) * SEGMENT], width)
        self._cases += 1

    def close(self) -> None:
        """Write what is left, and the number of cases into the header."""
        if self._codes:
            self._codes.extend(bytes(8 - len(self._codes)))
            self._flush()
        self._target.seek(80)
        self._target.write(struct.pack("<i", self._cases))
        self._target.seek(0, 2)

    def _number(self, value: float | None) -> None:
        if value is None:
            self._put(_MISSING)
        elif float(value).is_integer() and 1 <= value + BIAS < 252:
            self._put(int(value + BIAS))
        else:
            self._put(_RAW, struct.pack("<d", value))

    def _text(self, data: bytes, width: int) -> None:
        padded = data.ljust(-(-width // 8) * 8)
        for at in range(0, len(padded), 8):
            piece = padded[at : at + 8]
            if piece == b"        ":
                self._put(_SPACES)
            else:
                self._put(_RAW, piece)

    def _put(self, code: int, raw: bytes = b"") -> None:
        self._codes.append(code)
        self._raw.extend(raw)
        if len(self._codes) == 8:
            self._flush()

    def _flush(self) -> None:
        self._target.write(self._codes)
        self._target.write(self._raw)
        self._codes.clear()
        self._raw.clear()

    def _header(self, title: str, made_at: datetime, weight: str | None) -> bytes:
        places = list(self._places())
        at = next((place for variable, place in places if variable.name == weight), 0)
        elements = sum(-(-width // 8) for variable in self._variables for width in _segments(variable.width))
        month = "JanFebMarAprMayJunJulAugSepOctNovDec"[3 * made_at.month - 3 : 3 * made_at.month]
        return struct.pack(
            "<4s60siiiiid9s8s64s3x",
            b"$FL2",
            _PRODUCT.ljust(60).encode(),
            2,
            elements,
            1,
            at,
            -1,
            BIAS,
            f"{made_at.day:02} {month} {made_at.year % 100:02}".encode(),
            made_at.strftime("%H:%M:%S").encode(),
            _cut(title, 64).ljust(64),
        )

    def _places(self) -> Iterator[tuple[Variable, int]]:
        """Yield each variable with the number, from 1, of its first element of eight bytes."""
        place = 1
        for variable in self._variables:
            yield variable, place
            place += sum(-(-width // 8) for width in _segments(variable.width))

    def _dictionary(self) -> Iterator[bytes]:
        numbered = [
            (variable, at, width) for variable in self._variables for at, width in enumerate(_segments(variable.width))
        ]
        short: dict[str, str] = {}
        for number, (variable, at, width) in enumerate(numbered, start=1):
            name = f"V{number}"
            if at == 0:
                short[variable.name] = name
            yield _variable_record(variable, name, width if variable.width else 0, labelled=at == 0)
        for variable, place in self._places():
            if variable.labels:
                yield _labels_record(variable, place)
        yield _extension(3, 4, struct.pack("<8i", 1, 0, 0, -1, 1, 1, 2, 65001))
        yield _extension(4, 8, struct.pack("<3d", _SYSMIS, sys.float_info.max, _NEXT_BUT_LOWEST))
        shown = [
            struct.pack("<3i", MEASURES[variable.measure], min(variable.width, 40) or 8, 0 if variable.width else 1)
            for variable, _, _ in numbered
        ]
        yield _extension(11, 4, b"".join(shown))
        names = "\t".join(f"{short[variable.name]}={variable.name}" for variable in self._variables)
        yield _extension(13, 1, names.encode())
        long = [variable for variable in self._variables if variable.width > SEGMENT]
        if long:
            told = "".join(f"{short[variable.name]}={variable.width:05}\0\t" for variable in long)
            yield _extension(14, 1, told.encode())
        yield _extension(20, 1, b"UTF-8")
        yield struct.pack("<ii", 999, 0)


def _variable_record(variable: Variable, name: str, width: int, *, labelled: bool) -> bytes:
    form = (_A if width else _F) << 16 | (width or 12) << 8 | variable.decimals
    missing = variable.missing if labelled else None
    label = _cut(variable.label, LONGEST_LABEL) if labelled else b""
    record = struct.pack("<iiiiii8s", 2, width, bool(label), -2 if missing else 0, form, form, name.ljust(8).encode())
    if label:
        record += struct.pack("<i", len(label)) + label.ljust(-(-len(label) // 4) * 4, b"\0")
    if missing:
        record += struct.pack("<2d", *missing)
    rest = struct.pack("<iiiiii8s", 2, -1, 0, 0, 0, 0, b" " * 8)
    return record + rest * (-(-width // 8) - 1 if width else 0)


def _labels_record(variable: Variable, place: int) -> bytes:
    record = struct.pack("<ii", 3, len(variable.labels))
    for value, told in variable.labels:
        label = _cut(told, LONGEST_VALUE_LABEL)
        record += struct.pack("<dB", value, len(label)) + label.ljust(-(-(len(label) + 1) // 8) * 8 - 1)
    return record + struct.pack("<iii", 4, 1, place)


def _extension(kind: int, size: int, data: bytes) -> bytes:
    return struct.pack("<iiii", 7, kind, size, len(data) // size) + data


def _segments(width: int) -> list[int]:
    """Return the widths under which a variable is stored: 1 for a number, several for a long text."""
    if width <= SEGMENT:
        return [width or 1]
    count = -(-width // SEGMENT_WIDTH)
    return [SEGMENT] * (count - 1) + [width - (count - 1) * SEGMENT_WIDTH]


def _bounded(variable: Variable) -> Variable:
    if len(variable.name.encode()) > 64:
        raise ValueError(f"{variable.name!r} is longer than 64 bytes")
    if variable.width > LONGEST_TEXT or variable.width < 0:
        raise ValueError(f"{variable.name} cannot be {variable.width} bytes wide")
    return variable


def _cut(text: str, size: int) -> bytes:
    """Return text as UTF-8 in at most so many bytes, cut between signs."""
    data = text.encode("utf-8", "replace")
    return data if len(data) <= size else data[:size].decode("utf-8", "ignore").encode()
