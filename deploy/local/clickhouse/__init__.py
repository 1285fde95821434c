"""The ClickHouse engine embedded by chDB, served on ClickHouse's HTTP interface for the one-machine stack.

It speaks what clickhouse-connect needs (https://clickhouse.com/docs/interfaces/http) to one trusted user on
loopback. It has no users, roles, external data, query cancellation or native compression (`compress=1`).
"""
