-- The rows of the spine. Every table has the tenant in its primary key, `nodes` and `keys` excepted: a node serves all tenants, and a
-- key is looked up before anybody knows whose it is. Times are milliseconds since 1970; `*_blob` columns are written by codec.rs.

-- 'Snps': `file` and a second program know whose database this is.
PRAGMA application_id = 1399746675;

CREATE TABLE nodes (
    name    TEXT PRIMARY KEY NOT NULL,
    until   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A deployment's newest version and how many of its runs are in each state: what admission, fair claims and /metrics ask. The counts
-- are kept by the triggers on `runs`, so that no code path can forget them.
CREATE TABLE deployments (
    tenant      TEXT NOT NULL,
    name        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    concurrency INTEGER NOT NULL,
    go_live     INTEGER NOT NULL,
    -- How many keys its state holds, and the highest revision of a deleted key: a key that comes back starts above it, so that a
    -- compare-and-set never takes a new value for an old one.
    state_keys  INTEGER NOT NULL DEFAULT 0,
    state_floor INTEGER NOT NULL DEFAULT 0,
    queued      INTEGER NOT NULL DEFAULT 0,
    running     INTEGER NOT NULL DEFAULT 0,
    waiting     INTEGER NOT NULL DEFAULT 0,
    in_doubt    INTEGER NOT NULL DEFAULT 0,
    succeeded   INTEGER NOT NULL DEFAULT 0,
    partial     INTEGER NOT NULL DEFAULT 0,
    failed      INTEGER NOT NULL DEFAULT 0,
    cancelled   INTEGER NOT NULL DEFAULT 0,
    diverged    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX deployments_queued ON deployments (tenant, name) WHERE queued > 0;

CREATE TABLE deployment_versions (
    tenant      TEXT NOT NULL,
    name        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    component   BLOB NOT NULL,
    record_blob BLOB NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, name, version),
    FOREIGN KEY (tenant, name) REFERENCES deployments (tenant, name)
) STRICT;

CREATE TABLE grants (
    tenant     TEXT NOT NULL,
    deployment TEXT NOT NULL,
    n          INTEGER NOT NULL,
    record     TEXT NOT NULL,
    PRIMARY KEY (tenant, deployment, n),
    FOREIGN KEY (tenant, deployment) REFERENCES deployments (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE components (
    tenant     TEXT NOT NULL,
    digest     BLOB NOT NULL,
    bytes      BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, digest)
) STRICT;

-- What changes while a run goes on; what never changes and may be large is in `run_inputs`, so that a change of state rewrites little.
CREATE TABLE runs (
    tenant        TEXT NOT NULL,
    id            BLOB NOT NULL,
    deployment    TEXT NOT NULL,
    version       INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN
        ('queued', 'running', 'waiting', 'in_doubt', 'succeeded', 'partial', 'failed', 'cancelled', 'diverged')),
    -- The fence: a write of an attempt counts only while this is the attempt's number and the state is 'running'.
    epoch         INTEGER NOT NULL,
    node          TEXT,
    wake_at       INTEGER,
    cut           INTEGER NOT NULL DEFAULT 0,
    -- Claims in a row that added nothing, and the journal's rows at the last claim (NULL: the last attempt was not given the time).
    barren        INTEGER NOT NULL DEFAULT 0,
    rows_at_claim INTEGER,
    retries       INTEGER NOT NULL DEFAULT 0,
    cancel_by     TEXT,
    source        TEXT NOT NULL,
    event_type    TEXT NOT NULL,
    data_digest   BLOB NOT NULL,
    created_at    INTEGER NOT NULL,
    started_at    INTEGER,
    ended_at      INTEGER,
    answer_blob   BLOB,
    problem_blob  BLOB,
    fuel          INTEGER,
    fingerprint   TEXT,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, deployment, version) REFERENCES deployment_versions (tenant, name, version)
) STRICT, WITHOUT ROWID;

-- Claims: the oldest queued run of a deployment, the runs of a node. Final runs are not in it (a final run has `ended_at`).
CREATE INDEX runs_active ON runs (state, tenant, deployment, id) WHERE ended_at IS NULL;
CREATE INDEX runs_wake ON runs (wake_at) WHERE wake_at IS NOT NULL;

CREATE TRIGGER runs_counted_insert AFTER INSERT ON runs BEGIN
    UPDATE deployments SET queued = queued + (NEW.state = 'queued'), running = running + (NEW.state = 'running')
    WHERE tenant = NEW.tenant AND name = NEW.deployment;
END;

CREATE TRIGGER runs_counted_update AFTER UPDATE OF state ON runs WHEN OLD.state <> NEW.state BEGIN
    UPDATE deployments SET
        queued    = queued    + (NEW.state = 'queued')    - (OLD.state = 'queued'),
        running   = running   + (NEW.state = 'running')   - (OLD.state = 'running'),
        waiting   = waiting   + (NEW.state = 'waiting')   - (OLD.state = 'waiting'),
        in_doubt  = in_doubt  + (NEW.state = 'in_doubt')  - (OLD.state = 'in_doubt'),
        succeeded = succeeded + (NEW.state = 'succeeded') - (OLD.state = 'succeeded'),
        partial   = partial   + (NEW.state = 'partial')   - (OLD.state = 'partial'),
        failed    = failed    + (NEW.state = 'failed')    - (OLD.state = 'failed'),
        cancelled = cancelled + (NEW.state = 'cancelled') - (OLD.state = 'cancelled'),
        diverged  = diverged  + (NEW.state = 'diverged')  - (OLD.state = 'diverged')
    WHERE tenant = NEW.tenant AND name = NEW.deployment;
END;

CREATE TABLE run_inputs (
    tenant          TEXT NOT NULL,
    run             BLOB NOT NULL,
    seed            BLOB NOT NULL,
    event_id        TEXT NOT NULL,
    event_source    TEXT NOT NULL,
    event_time      INTEGER NOT NULL,
    datacontenttype TEXT NOT NULL,
    data_blob       BLOB NOT NULL,
    PRIMARY KEY (tenant, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    tenant     TEXT NOT NULL,
    key        TEXT NOT NULL,
    digest     BLOB NOT NULL,
    run        BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

-- The journal. `superseded` is 0 for a row that counts, else the number of the decision that set it aside (a new cut, or a verdict
-- that says "again"): part of the key, so that the row that replaces it has a place and two rows that count never share one.
-- No foreign key to `runs`: every insert has just read the run's fence in the same transaction.
CREATE TABLE journal (
    tenant         TEXT NOT NULL,
    run            BLOB NOT NULL,
    call           INTEGER NOT NULL,
    item           INTEGER NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('i', 'o')),
    n              INTEGER NOT NULL,
    superseded     INTEGER NOT NULL DEFAULT 0,
    cut            INTEGER NOT NULL,
    operation      TEXT NOT NULL,
    class          TEXT NOT NULL,
    binding        TEXT NOT NULL,
    arguments_blob BLOB NOT NULL,
    effect_key     BLOB,
    epoch          INTEGER NOT NULL,
    time           INTEGER NOT NULL,
    send_before    INTEGER,
    how            TEXT,
    by             TEXT,
    ok             INTEGER,
    result_blob    BLOB,
    -- Reserved: a payload over 256 KiB is named here and kept in `blobs`.
    blob_digest    BLOB,
    PRIMARY KEY (tenant, run, call, item, kind, n, superseded)
) STRICT, WITHOUT ROWID;

-- A retry adopts what a run's superseded journal says was done (G6). Rows that count are read as a whole and need no index.
CREATE INDEX journal_effects ON journal (tenant, run, effect_key) WHERE superseded > 0 AND effect_key IS NOT NULL;

CREATE TABLE lines (
    tenant       TEXT NOT NULL,
    run          BLOB NOT NULL,
    call         INTEGER NOT NULL,
    n            INTEGER NOT NULL,
    superseded   INTEGER NOT NULL DEFAULT 0,
    time         INTEGER NOT NULL,
    content_blob BLOB NOT NULL,
    PRIMARY KEY (tenant, run, call, n, superseded)
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
    tenant     TEXT NOT NULL,
    deployment TEXT NOT NULL,
    key        TEXT NOT NULL,
    value      TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    PRIMARY KEY (tenant, deployment, key),
    FOREIGN KEY (tenant, deployment) REFERENCES deployments (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
    id            TEXT PRIMARY KEY NOT NULL,
    secret_sha256 BLOB NOT NULL,
    tenant        TEXT,
    scopes        TEXT NOT NULL,
    label         TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    revoked_at    INTEGER
) STRICT, WITHOUT ROWID;

-- Reserved for the content-addressed blob store: which blobs a tenant owns, how large they are and how many rows name them.
CREATE TABLE blobs (
    tenant     TEXT NOT NULL,
    digest     BLOB NOT NULL,
    size       INTEGER NOT NULL,
    refs       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, digest)
) STRICT, WITHOUT ROWID;
