"""Tables, questions and checks as SQL files, and the one way to ClickHouse. No SQL lives in Python strings."""
