"""The read side: pages and a JSON API over what ClickHouse holds. Writes nothing but cookies."""
