-- A user is one owner of memories. `salt` goes into every search term of that user, `version` counts the writes, so
-- that a copy in memory can ask what changed since it last looked.
CREATE TABLE memory_users (
    user_key INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT    NOT NULL UNIQUE,
    salt     INTEGER NOT NULL DEFAULT (random()),
    version  INTEGER NOT NULL DEFAULT 0,
    memories INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE memory_models (
    model_key INTEGER PRIMARY KEY AUTOINCREMENT,
    name      TEXT    NOT NULL,
    dims      INTEGER NOT NULL,
    UNIQUE (name, dims)
) STRICT;

CREATE TABLE memories (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    user_key   INTEGER NOT NULL REFERENCES memory_users (user_key),
    version    INTEGER NOT NULL,
    id         TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    subject    TEXT,
    restricted INTEGER NOT NULL,
    talk       TEXT,
    turn       TEXT,
    created    INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    terms      TEXT    NOT NULL,
    UNIQUE (user_key, id)
) STRICT;

-- Also serves "everything of a user": the row's own number is the last column of every index.
CREATE INDEX memories_by_change ON memories (user_key, version);
CREATE INDEX memories_of_user ON memories (user_key);
CREATE INDEX memories_of_talk ON memories (user_key, talk) WHERE talk IS NOT NULL;

CREATE TABLE memory_vectors (
    seq       INTEGER PRIMARY KEY REFERENCES memories (seq) ON DELETE CASCADE,
    model_key INTEGER NOT NULL REFERENCES memory_models (model_key),
    vector    BLOB    NOT NULL
) STRICT;

CREATE TABLE memory_links (
    from_seq INTEGER NOT NULL REFERENCES memories (seq) ON DELETE CASCADE,
    to_seq   INTEGER NOT NULL REFERENCES memories (seq) ON DELETE CASCADE,
    relation TEXT    NOT NULL,
    PRIMARY KEY (from_seq, to_seq, relation)
) STRICT, WITHOUT ROWID;

CREATE INDEX memory_links_to ON memory_links (to_seq);

-- Which numbers were forgotten in which version: nothing but numbers, so that other processes drop them too.
CREATE TABLE memory_removals (
    user_key INTEGER NOT NULL REFERENCES memory_users (user_key) ON DELETE CASCADE,
    version  INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    PRIMARY KEY (user_key, version, seq)
) STRICT, WITHOUT ROWID;

-- The terms are salted hashes, so the index never holds a word; positions and sizes are not needed for them.
-- Not `detail = none`: together with secure-delete it loses a term that is removed and put back in one transaction.
CREATE VIRTUAL TABLE memory_terms USING fts5(
    terms, content = 'memories', content_rowid = 'seq', tokenize = 'ascii', detail = column, columnsize = 0
);
INSERT INTO memory_terms (memory_terms, rank) VALUES ('secure-delete', 1);
