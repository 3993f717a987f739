-- A user is one owner of memories. `salt` goes into every search term of that user, `version` counts the writes, so
-- that a copy in another server's memory can ask what changed since it last looked. Its row is locked by every write.
CREATE TABLE memory_users (
    user_key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name     TEXT   NOT NULL UNIQUE,
    salt     BIGINT NOT NULL DEFAULT ('x' || substr(md5(gen_random_uuid()::text), 1, 16))::bit(64)::bigint,
    version  BIGINT NOT NULL DEFAULT 0,
    memories BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE memory_models (
    model_key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name      TEXT   NOT NULL,
    dims      BIGINT NOT NULL,
    UNIQUE (name, dims)
);

CREATE TABLE memories (
    seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_key   BIGINT   NOT NULL REFERENCES memory_users (user_key),
    version    BIGINT   NOT NULL,
    id         TEXT     NOT NULL,
    kind       TEXT     NOT NULL,
    body       TEXT     NOT NULL,
    subject    TEXT,
    restricted BOOLEAN  NOT NULL,
    talk       TEXT,
    turn       TEXT,
    created    BIGINT   NOT NULL,
    updated    BIGINT   NOT NULL,
    terms      TSVECTOR NOT NULL,
    UNIQUE (user_key, id)
);

CREATE INDEX memories_by_change ON memories (user_key, version, seq);
CREATE INDEX memories_of_user ON memories (user_key, seq);
CREATE INDEX memories_of_talk ON memories (user_key, talk) WHERE talk IS NOT NULL;
-- Without the pending list: what is forgotten must not wait in it.
CREATE INDEX memories_by_term ON memories USING gin (terms) WITH (fastupdate = off);

CREATE TABLE memory_vectors (
    seq       BIGINT PRIMARY KEY REFERENCES memories (seq) ON DELETE CASCADE,
    model_key BIGINT NOT NULL REFERENCES memory_models (model_key),
    vector    BYTEA  NOT NULL
);

CREATE TABLE memory_links (
    from_seq BIGINT NOT NULL REFERENCES memories (seq) ON DELETE CASCADE,
    to_seq   BIGINT NOT NULL REFERENCES memories (seq) ON DELETE CASCADE,
    relation TEXT   NOT NULL,
    PRIMARY KEY (from_seq, to_seq, relation)
);

CREATE INDEX memory_links_to ON memory_links (to_seq);

-- Which numbers were forgotten in which version: nothing but numbers, so that other servers drop them too.
CREATE TABLE memory_removals (
    user_key BIGINT NOT NULL REFERENCES memory_users (user_key) ON DELETE CASCADE,
    version  BIGINT NOT NULL,
    seq      BIGINT NOT NULL,
    PRIMARY KEY (user_key, version, seq)
);
