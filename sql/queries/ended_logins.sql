-- Logins that have ended and would not be over by now, as written since a moment of the server's clock, in that order.
SELECT
    project,
    login,
    toUnixTimestamp(issued_to) AS issued_to,
    toUnixTimestamp(ends_at) AS ends_at,
    toUnixTimestamp64Milli(stored_at) AS stored_ms
FROM ended_logins
WHERE stored_at >= fromUnixTimestamp64Milli({since_ms:Int64}) AND ended_logins.ends_at >= toDateTime({now:UInt32})
ORDER BY stored_at
LIMIT 100000
