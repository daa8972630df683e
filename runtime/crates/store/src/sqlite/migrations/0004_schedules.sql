-- Schedules, pauses and maintenance, and runs that are held back.

-- When each schedule of a deployment's newest version fires next. The run and the step to the next time are one transaction.
CREATE TABLE schedules (
    tenant        TEXT NOT NULL,
    deployment    TEXT NOT NULL,
    trigger       TEXT NOT NULL,
    version       INTEGER NOT NULL,
    -- Expression, zone and jitter: a version that does not change them changes no time.
    spec          TEXT NOT NULL,
    -- The next time as the expression says it, and when it is acted on (`jitter_ms` later).
    next_at       INTEGER,
    due_at        INTEGER,
    jitter_ms     INTEGER NOT NULL,
    fired_at      INTEGER,
    fired_run     BLOB,
    skipped_at    INTEGER,
    skip_reason   TEXT,
    PRIMARY KEY (tenant, deployment, trigger),
    FOREIGN KEY (tenant, deployment) REFERENCES deployments (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX schedules_due ON schedules (due_at) WHERE due_at IS NOT NULL;

-- Which connections a version is bound to: a pause of a connection holds its runs.
CREATE TABLE version_connections (
    tenant     TEXT NOT NULL,
    deployment TEXT NOT NULL,
    version    INTEGER NOT NULL,
    connection TEXT NOT NULL,
    PRIMARY KEY (tenant, deployment, version, connection)
) STRICT, WITHOUT ROWID;

-- What is paused. Columns that say nothing are empty. `maintenance` rows follow the configuration's windows, the others a person.
CREATE TABLE pauses (
    tenant      TEXT NOT NULL,
    maintenance INTEGER NOT NULL,
    connection  TEXT NOT NULL,
    deployment  TEXT NOT NULL,
    trigger     TEXT NOT NULL,
    by          TEXT NOT NULL,
    why         TEXT NOT NULL,
    at          INTEGER NOT NULL,
    -- For a maintenance window: when it ends.
    until       INTEGER,
    PRIMARY KEY (tenant, maintenance, connection, deployment, trigger)
) STRICT, WITHOUT ROWID;

-- A run whose older siblings of the same trigger come first, and the moment before which a run is not started (a pause that drains).
ALTER TABLE runs ADD COLUMN in_order INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN hold_until INTEGER;
CREATE INDEX runs_hold ON runs (hold_until) WHERE hold_until IS NOT NULL;
