"""The stages between the gateway's log and ClickHouse; `topology` shows all of them on one screen."""
