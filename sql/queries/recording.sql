-- One recording of a project, or no row.
SELECT *
FROM recordings
WHERE project = {project:String} AND session_id = toUUID({session:String})
LIMIT 1
