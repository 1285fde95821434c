-- A value that was cut is stored with all its pieces. A row here is a snapshot that cannot be put together.
SELECT project, session_id, window_id, page, first_seq, generation, count() AS pieces_found, any(parts) AS pieces_said
FROM blocks FINAL
WHERE parts > 1 AND expires_on >= toDate(now('UTC'))
GROUP BY project, session_id, started_at, window_id, page, first_seq, generation, value_sha256
HAVING pieces_found != pieces_said AND max(stored_at) < now64(3) - INTERVAL 5 MINUTE
