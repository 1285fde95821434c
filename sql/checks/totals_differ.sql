-- A session's totals are the sums of its blocks, once both have settled. A row here means lost or doubled events.
SELECT
    totals.project,
    totals.session_id,
    totals.events AS events_said,
    found.events AS events_found,
    totals.blocks AS blocks_said,
    found.blocks AS blocks_found
FROM (SELECT * FROM sessions FINAL) AS totals
INNER JOIN
(
    SELECT project, session_id, sum(events) AS events, count() AS blocks, max(stored_at) AS last_stored_at
    FROM blocks FINAL
    WHERE generation = 0
    GROUP BY project, session_id
) AS found
    ON found.project = totals.project AND found.session_id = totals.session_id
WHERE greatest(totals.stored_at, found.last_stored_at) < now64(3) - INTERVAL 1 MINUTE
    AND (events_said != events_found OR blocks_said != blocks_found)
