"""Take personally identifying text out of a text: by shape, and by check digit where a shape alone says too little.

Found are e-mail addresses, phone numbers, payment cards (Luhn), IBANs (mod 97), IP addresses and national numbers of
usual forms. Names and addresses of people are not: no rule finds them without taking half of the text along.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind looks like, whether a match is one, and what stands in its place."""

    kind: str
    shape: re.Pattern[str]
    is_one: Check = bool

    @property
    def mark(self) -> str:
        """The text in place of a match."""
        return f"[{self.kind} removed]"


def luhn(text: str) -> bool:
    """Tell whether the digits of a text end in the check digit of ISO/IEC 7812-1."""
    digits = [int(char) for char in reversed(text) if char.isdecimal()]
    doubled = (digit * 2 for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def is_card(text: str) -> bool:
    """Tell whether a text is the number of a payment card: 13 to 19 digits that pass Luhn's test."""
    return 13 <= _digits(text) <= 19 and luhn(text)


def is_iban(text: str) -> bool:
    """Tell whether a text is an IBAN: the remainder of ISO 7064's mod 97-10 is 1."""
    plain = _plain(text)
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def is_ip(text: str) -> bool:
    """Tell whether a text is an IP address of either version."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_phone(text: str) -> bool:
    """Tell whether a run of digits is a phone number rather than years, amounts or a date."""
    if not 7 <= _digits(text) <= 15 or _DATE.fullmatch(text) or _YEARS.fullmatch(text):
        return False
    return text.startswith("+") or _TRUNK.match(text) is not None or _GROUPED.fullmatch(text) is not None


def is_ssn(text: str) -> bool:
    """Tell whether a text can be a US social security number: no part of it is one that is never given out."""
    area, group, serial = re.split(r"[- ]", text)
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def is_codice_fiscale(text: str) -> bool:
    """Tell whether a text is an Italian codice fiscale, by its control letter."""
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    values = [int(char) if char.isdecimal() else ord(char) - ord("A") for char in text.upper()]
    total = sum(odd[value] if place % 2 == 0 else value for place, value in enumerate(values[:15]))
    return values[15] == total % 26


def is_dni(text: str) -> bool:
    """Tell whether a text is a Spanish DNI or NIE, by its control letter."""
    plain = _plain(text).upper()
    number = plain[:-1].translate(str.maketrans("XYZ", "012"))
    return plain[-1] == "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23]


def is_cpf(text: str) -> bool:
    """Tell whether a text is a Brazilian CPF, by its two check digits."""
    digits = [int(char) for char in text if char.isdecimal()]
    if len(set(digits)) == 1:
        return False
    for length in (9, 10):
        rest = sum(digit * (length + 1 - place) for place, digit in enumerate(digits[:length])) * 10 % 11 % 10
        if rest != digits[length]:
            return False
    return True


def is_nir(text: str) -> bool:
    """Tell whether a text is a French NIR, by its key."""
    plain = _plain(text).upper().replace("2A", "19").replace("2B", "18")
    return plain.isdecimal() and len(plain) == 15 and 97 - int(plain[:13]) % 97 == int(plain[13:])


def is_aadhaar(text: str) -> bool:
    """Tell whether a text is an Indian Aadhaar number, by Verhoeff's check digit."""
    check = 0
    for place, digit in enumerate(reversed(_plain(text))):
        check = _VERHOEFF_D[check][_VERHOEFF_P[place % 8][int(digit)]]
    return check == 0


def _digits(text: str) -> int:
    return sum(char.isdecimal() for char in text)


def _plain(text: str) -> str:
    return re.sub(r"[ .\-\u00a0]", "", text)


_DATE: Final = re.compile(r"(?:19|20)\d\d[-./ ]\d\d?[-./ ]\d\d?|\d\d?[-./ ]\d\d?[-./ ](?:19|20)\d\d")
_YEARS: Final = re.compile(r"(?:1[5-9]|20)\d\d[ ]?-[ ]?(?:1[5-9]|20)\d\d")
# An area code in brackets, or behind the 0 that leads out of an area; points are between pairs only (01.23.45.67.89).
_TRUNK: Final = re.compile(r"\(\d{1,5}\)|0\d(?:\.\d\d){4}$|0\d[^.]+$")
# Three groups of digits, as in 212-555-0147: two of them are a range, groups of three alone an amount. Or ten digits
# without any sign between them: nobody writes an amount so.
_GROUPED: Final = re.compile(r"1?[2-9]\d{9}|\d{2,4}[-./ ]\d{3,4}[-./ ]\d{4}|\d{3}[-.]\d{4}")
_VERHOEFF_D: Final = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
_VERHOEFF_P: Final = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip


def _shape(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a shape that stands on its own, with no letter or digit at either side."""
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", flags)


_NINO: Final = r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ ]?\d\d[ ]?\d\d[ ]?\d\d[ ]?[A-D]"
_PHONE: Final = re.compile(
    r"(?<![\w.,])(?<!\d[ /-])\+?(?:\(\d{1,5}\)[ \u00a0.-]{0,2})?\d(?:[ \u00a0./()-]{0,2}\d){5,14}"
    r"(?![ \u00a0.,/()-]{0,2}\d|\w)"
)
ID: Final = "national number"
RULES: Final[Sequence[Rule]] = (
    Rule("e-mail address", re.compile(r"[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")),
    Rule("IBAN", _shape(r"[A-Z]{2}\d\d(?:[ \u00a0-]?[A-Z0-9]{4}){2,7}(?:[ \u00a0-]?[A-Z0-9]{1,4})?"), is_iban),
    Rule(ID, _shape(r"[12][ ]?\d\d[ ]?\d\d[ ]?(?:\d\d|2[AB])[ ]?\d{3}[ ]?\d{3}[ ]?\d\d"), is_nir),
    Rule("card number", _shape(r"\d(?:[ \u00a0-]?\d){12,18}"), is_card),
    Rule("IP address", re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)"), is_ip),
    Rule("IP address", re.compile(r"(?<![\w:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])"), is_ip),
    Rule(ID, _shape(r"\d{3}-\d\d-\d{4}|\d{3} \d\d \d{4}"), is_ssn),
    Rule(ID, _shape(_NINO)),
    Rule(ID, _shape(r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]"), is_codice_fiscale),
    Rule(ID, _shape(r"(?:\d{8}|[XYZ][ -]?\d{7})[ -]?[A-Z]"), is_dni),
    Rule(ID, _shape(r"\d{3}\.\d{3}\.\d{3}-\d\d"), is_cpf),
    Rule(ID, _shape(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}"), is_aadhaar),
    Rule(ID, _shape(r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]")),
    Rule("phone number", _PHONE, is_phone),
)
"""In order: what is found first is not looked at again."""


def redact(text: str) -> tuple[str, Counter[str]]:
    """Return a text without what identifies people, a mark in place of each find, and how many of which kind."""
    found: Counter[str] = Counter()
    for rule in RULES:
        text = rule.shape.sub(lambda match, rule=rule: _replaced(match[0], rule, found), text)  # type: ignore[misc]  # a default binds the loop's rule
    return text, found


def _replaced(match: str, rule: Rule, found: Counter[str]) -> str:
    if not rule.is_one(match):
        return match
    found[rule.kind] += 1
    return rule.mark
