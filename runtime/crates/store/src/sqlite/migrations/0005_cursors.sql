-- Watched sources: how far each was read, what was found, and in which run it is. A cursor changes only from the revision it was read
-- at; items and runs change with it, in one transaction.

CREATE TABLE source_cursors (
    tenant     TEXT NOT NULL,
    deployment TEXT NOT NULL,
    source     TEXT NOT NULL,
    watches    TEXT NOT NULL,
    position   TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    -- The owner: alive as long as its row in `nodes` is.
    node       TEXT,
    next_at    INTEGER NOT NULL,
    looked_at  INTEGER,
    ok_at      INTEGER,
    failures   INTEGER NOT NULL DEFAULT 0,
    problem    TEXT,
    backfill   TEXT,
    floor      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, deployment, source),
    FOREIGN KEY (tenant, deployment) REFERENCES deployments (tenant, name)
) STRICT, WITHOUT ROWID;

-- One row per thing at the source, whatever its version: bounded by the window that is kept (D43).
CREATE TABLE source_items (
    tenant     TEXT NOT NULL,
    deployment TEXT NOT NULL,
    source     TEXT NOT NULL,
    id         TEXT NOT NULL,
    key        TEXT NOT NULL,
    alias      TEXT,
    version    TEXT NOT NULL,
    detail     TEXT NOT NULL,
    -- 0 live, 1 backlog.
    lane       INTEGER NOT NULL,
    rank       INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('new', 'handed', 'done', 'skipped', 'poison')),
    reason     TEXT,
    run        BLOB,
    tries      INTEGER NOT NULL,
    times      INTEGER NOT NULL,
    backfill   INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, deployment, source, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX source_items_waiting ON source_items (tenant, deployment, source, lane, rank DESC, changed_at) WHERE state = 'new';
CREATE INDEX source_items_handed ON source_items (tenant, deployment, source, run) WHERE state = 'handed';
CREATE INDEX source_items_by_age ON source_items (tenant, deployment, source, changed_at) WHERE state IN ('done', 'skipped', 'poison');
CREATE INDEX source_items_alias ON source_items (tenant, deployment, source, alias) WHERE alias IS NOT NULL;
