-- One recording of a project, or no row. Of a session that was begun more than once it is the first one not expired.
SELECT *
FROM recordings
WHERE project = {project:String} AND session_id = toUUID({session:String})
ORDER BY started_at, recordings.expires_on
LIMIT 1
