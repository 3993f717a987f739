-- Turns of which something was forgotten or corrected: their names and nothing else. What was said in one of them is not
-- stored when it comes later.
CREATE TABLE memory_withdrawn (
    user_key BIGINT NOT NULL REFERENCES memory_users (user_key) ON DELETE CASCADE,
    talk     TEXT   NOT NULL,
    turn     TEXT   NOT NULL,
    PRIMARY KEY (user_key, talk, turn)
);

DROP INDEX memories_of_talk;
CREATE INDEX memories_of_turn ON memories (user_key, talk, turn) WHERE talk IS NOT NULL;
CREATE INDEX memories_by_time ON memories (user_key, created);

-- In a turn in which personal data was told, it stands too.
UPDATE memories SET restricted = TRUE WHERE kind = 'turn' AND NOT restricted AND (
    EXISTS (SELECT 1 FROM memories AS m WHERE m.user_key = memories.user_key AND m.talk = memories.talk
            AND m.turn = memories.turn AND m.restricted)
    OR EXISTS (SELECT 1 FROM memory_links AS l JOIN memories AS m ON m.seq = l.from_seq
               WHERE l.to_seq = memories.seq AND l.relation = 'mentioned_in' AND m.restricted));
