-- Every block belongs to a session that lists show. A row here is a recording nobody can find.
SELECT project, session_id, count() AS blocks, max(stored_at) AS last_stored_at
FROM blocks FINAL
WHERE (project, session_id) NOT IN (SELECT project, session_id FROM sessions)
GROUP BY project, session_id
HAVING last_stored_at < now64(3) - INTERVAL 5 MINUTE
