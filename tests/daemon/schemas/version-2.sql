CREATE TABLE pictures (
    hash TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE owned_pictures (
    client TEXT NOT NULL,
    hash TEXT NOT NULL REFERENCES pictures(hash),
    encoding INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    create_time REAL NOT NULL,
    use_time REAL NOT NULL,
    PRIMARY KEY (client, hash)
) WITHOUT ROWID;
CREATE INDEX owned_by_hash ON owned_pictures(hash);

CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL UNIQUE,
    client TEXT NOT NULL,
    connection TEXT NOT NULL,
    request_id TEXT NOT NULL,
    request_digest BLOB NOT NULL,
    title TEXT NOT NULL,
    painting_hash TEXT NOT NULL,
    painting_width INTEGER NOT NULL DEFAULT 0,
    painting_height INTEGER NOT NULL DEFAULT 0,
    parameters BLOB NOT NULL,
    engine TEXT NOT NULL,
    memory_plan TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL,
    state INTEGER NOT NULL,
    failure BLOB,
    create_time REAL NOT NULL,
    end_time REAL,
    last_sequence INTEGER NOT NULL DEFAULT 0,
    frame_count INTEGER NOT NULL,
    frames_stored INTEGER NOT NULL DEFAULT 0,
    unit_count INTEGER NOT NULL,
    tags TEXT,
    UNIQUE (client, request_id)
);
CREATE INDEX jobs_by_client ON jobs(client, number);
CREATE INDEX jobs_by_state ON jobs(state);
CREATE INDEX jobs_by_painting ON jobs(painting_hash);

CREATE TABLE events (
    job INTEGER NOT NULL REFERENCES jobs(number) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (job, sequence),
    UNIQUE (job, key)
) WITHOUT ROWID;

CREATE TABLE frames (
    job INTEGER NOT NULL REFERENCES jobs(number) ON DELETE CASCADE,
    keyframe INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash TEXT NOT NULL REFERENCES pictures(hash),
    body BLOB NOT NULL,
    PRIMARY KEY (job, keyframe, number)
) WITHOUT ROWID;
CREATE INDEX frames_by_hash ON frames(hash);

CREATE TABLE supplied_keyframes (
    job INTEGER NOT NULL REFERENCES jobs(number) ON DELETE CASCADE,
    hash TEXT NOT NULL REFERENCES pictures(hash),
    PRIMARY KEY (job, hash)
) WITHOUT ROWID;
CREATE INDEX supplied_by_hash ON supplied_keyframes(hash);

CREATE TABLE units (
    job INTEGER NOT NULL REFERENCES jobs(number) ON DELETE CASCADE,
    unit TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    strikes INTEGER NOT NULL DEFAULT 0,
    finished INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job, unit)
) WITHOUT ROWID;

CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

PRAGMA user_version = 2;
