"""Fields of payment cards and codes, known by how pages name them.

`docs/privacy.md` lists these words for the people who write pages.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

PASSWORD_MARK: Final = "data-rr-is-password"  # noqa: S105 - the attribute rrweb sets when a field stops being one
# Attributes that decide about a field, besides those that selectors ask for, and about where it is shown.
OF_FIELDS: Final = frozenset(
    {
        "type",
        "autocomplete",
        PASSWORD_MARK,
        "contenteditable",
        "role",
        "name",
        "id",
        "maxlength",
        "size",
        "pattern",
        "slot",
    }
)
# A word of the name by itself.
_WORDS = """
    cardnumber cardnum cardno ccnumber ccnum ccno ccexp cccsc cccvc cccvv cccvv2 cccid creditcard debitcard pan
    cardholder cvc cvc2 cvv cvv2 csc ccv cid expiry expdate expmonth expyear otp totp pin pincode passcode
    password passwd pwd"""
# Words of the name in a row.
_PHRASES = """
    card-number card-num card-no card-expiry card-expiration card-exp card-code card-cvc card-cvv card-csc card-holder
    card-pin card-security cc-number cc-num cc-no cc-exp cc-expiry cc-csc cc-cvc cc-cvv cc-name cc-month cc-year
    credit-card debit-card name-on-card exp-date exp-month exp-year expiry-date expiration-date expiration-month
    expiration-year security-code verification-code verify-code confirmation-code auth-code authentication-code
    access-code sms-code mfa-code two-factor 2-fa one-time-code one-time-password one-time-passcode one-time-pin"""
SECRET_WORDS: Final = frozenset(_WORDS.split())
SECRET_PHRASES: Final = tuple(_PHRASES.split())
# Joined and long enough to be nothing else, wherever they stand.
_WITHIN: Final = tuple(
    sorted({each.replace("-", "") for each in (*SECRET_PHRASES, *SECRET_WORDS) if len(each.replace("-", "")) >= 8})
)
_IN_A_ROW: Final = tuple(f"-{each}-" for each in SECRET_PHRASES)
# "cardNumber2" is three words.
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[A-Z]|[0-9]+")
_REMEMBERED = 4096
_CHARACTERS = 128


def has_secret_name(name: str) -> bool:
    """True if a field of this name or id takes a number of a card, a code or a password."""
    return _remembered(name) if len(name) <= _CHARACTERS else _find(name)


def _find(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    if not SECRET_WORDS.isdisjoint(words):
        return True
    joined = "".join(words)
    if any(each in joined for each in _WITHIN):
        return True
    # A number may stand in a word, as in "cvv2".
    if joined in SECRET_WORDS:
        return True
    row = f"-{'-'.join(words)}-"
    return any(each in row for each in _IN_A_ROW)


_remembered = lru_cache(_REMEMBERED)(_find)
