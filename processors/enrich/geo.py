"""Country, region and city of an address, from a MaxMind-format database.

Two shapes are read: `{"country_code": "US"}` (iptoasn country databases) and MaxMind's own,
`{"country": {"iso_code": …}, "subdivisions": [{"names": {"en": …}}], "city": {"names": {"en": …}}}`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import maxminddb

from processors.enrich.context import Place
from processors.stop import StopError

# Longest name passed on; the longest place names known have 85 letters.
MAX_NAME = 100


class GeoDatabaseError(StopError):
    """The configured file cannot be read as a MaxMind-format database."""


class GeoDatabase:
    """An open database, mapped into memory."""

    def __init__(self, path: Path) -> None:
        try:
            self._reader = maxminddb.open_database(str(path))
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            raise GeoDatabaseError(f"{path} is no readable MaxMind database: {type(error).__name__}") from None

    def locate(self, address: str) -> Place:
        """See `context.Geo`."""
        try:
            return place_of(self._reader.get(address))
        except ValueError:
            return Place()


class NoGeo:
    """Where no database is configured: every place is unknown."""

    def locate(self, address: str) -> Place:
        """See `context.Geo`."""
        return Place()


def place_of(entry: Any) -> Place:
    """The place in a database entry of either shape; empty for anything else."""
    if not isinstance(entry, dict):
        return Place()
    country = entry.get("country_code") or _field(entry.get("country"), "iso_code")
    divisions = entry.get("subdivisions")
    region = _name(divisions[0]) if isinstance(divisions, list) and divisions else ""
    return Place(str(country or "")[:2], region, _name(entry.get("city")))


def _field(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, dict) else None


def _name(entry: Any) -> str:
    name = _field(_field(entry, "names"), "en") or _field(entry, "iso_code")
    return name[:MAX_NAME] if isinstance(name, str) else ""
