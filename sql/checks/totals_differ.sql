-- A session's totals are the sums of its blocks, once both have settled. A row here means lost or doubled events.
-- A session that was begun more than once has totals for each start.
SELECT
    totals.project,
    totals.session_id,
    totals.started_at,
    totals.events AS events_said,
    found.events AS events_found,
    totals.blocks AS blocks_said,
    found.blocks AS blocks_found
FROM (SELECT * FROM sessions FINAL WHERE expires_on >= toDate(now('UTC'))) AS totals
INNER JOIN
(
    SELECT
        project,
        session_id,
        started_at,
        expires_on,
        sum(events) AS events,
        count() AS blocks,
        max(stored_at) AS last_stored_at
    FROM blocks FINAL
    WHERE generation = 0 AND expires_on >= toDate(now('UTC'))
    GROUP BY project, session_id, started_at, expires_on
) AS found
    ON found.project = totals.project
    AND found.session_id = totals.session_id
    AND found.started_at = totals.started_at
    AND found.expires_on = totals.expires_on
WHERE greatest(totals.stored_at, found.last_stored_at) < now64(3) - INTERVAL 1 MINUTE
    AND (events_said != events_found OR blocks_said != blocks_found)
