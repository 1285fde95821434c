-- Which of some sessions of a project were begun more than once, and the start and last day of the first that has not
-- expired: that one is the recording, as in `recording`.
SELECT
    toString(session_id) AS session,
    min((started_at, expires_on)) AS first,
    toUnixTimestamp64Milli(first.1) AS started_ms,
    toString(first.2) AS last_day
FROM sessions
WHERE project = {project:String}
    AND session_id IN {sessions:Array(UUID)}
    AND expires_on >= toDate(now('UTC'))
GROUP BY session_id
HAVING min(started_at) != max(started_at) OR min(expires_on) != max(expires_on)
