-- Facts of a session that earlier versions did not tell: what rows of theirs have says so, and is not 0 or empty.
ALTER TABLE sessions
    ADD COLUMN `windows.playable` Array(UInt8) COMMENT '1: has a full snapshot, 2: has none, 0: not known'
        AFTER `windows.last_ms`,
    ADD COLUMN `pages.window_id` Array(UUID) COMMENT 'Browser tab of the page; zero: not known' AFTER `pages.url`,
    ADD COLUMN `pages.kind` Array(LowCardinality(String)) COMMENT 'load, route; empty: load' AFTER `pages.window_id`,
    ADD COLUMN captures Array(LowCardinality(String)) COMMENT 'What the recorder told throughout if it happened',
    ADD COLUMN clock_corrected Int8 DEFAULT -1 COMMENT '1: times of events were put right; -1: not known',
    ADD COLUMN rage_clicks Int64 DEFAULT -1 COMMENT 'Series of clicks on one spot; -1: not counted',
    ADD COLUMN dead_clicks Int64 DEFAULT -1 COMMENT 'Clicks without effect; -1: not counted',
    ADD COLUMN `removed.rule` Array(LowCardinality(String)) COMMENT 'Rules of the policy that removed something',
    ADD COLUMN `removed.count` Array(UInt64) COMMENT 'How much each of them removed';
