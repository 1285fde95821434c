-- After merging, a record of a topic is one row. A row here was counted more than once.
SELECT 'blocks' AS stored_in, epoch, topic, partition, offset, count() AS copies
FROM blocks FINAL
WHERE expires_on >= toDate(now('UTC'))
GROUP BY epoch, topic, partition, offset
HAVING copies > 1
UNION ALL
SELECT 'losses', epoch, topic, partition, offset, count() AS copies
FROM losses FINAL
WHERE expires_on >= toDate(now('UTC'))
GROUP BY epoch, topic, partition, offset
HAVING copies > 1
