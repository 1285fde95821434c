-- Highest stored offset of one Kafka partition in one table, per last day and topic id.
-- Also of what has expired: it is stored until merges delete it, and must not be stored again.
-- The aggregate projection of every table answers it without reading rows.
SELECT expires_on, epoch, max(offset) AS stored
FROM {table:Identifier}
WHERE topic = {topic:String} AND partition = {partition:UInt32}
GROUP BY expires_on, epoch
