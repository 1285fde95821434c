-- Every block belongs to a session that lists show, by its start. A row here is a recording nobody can find.
SELECT project, session_id, started_at, count() AS blocks, max(stored_at) AS last_stored_at
FROM blocks FINAL
WHERE expires_on >= toDate(now('UTC'))
    AND (project, session_id, started_at, expires_on)
        NOT IN (SELECT project, session_id, started_at, expires_on FROM sessions)
GROUP BY project, session_id, started_at
HAVING last_stored_at < now64(3) - INTERVAL 5 MINUTE
