-- Events that came in through a connection: webhooks of TheHive, and what the reconciler found in their stead. An event and the runs
-- that it starts are one transaction. Counts are kept by triggers, so that no code path can forget them.

-- A row is inserted once and then seldom touched, and its data may be large: a table with a rowid.
CREATE TABLE deliveries (
    tenant      TEXT NOT NULL,
    id          BLOB NOT NULL,
    connection  TEXT NOT NULL,
    -- Equal for every delivery of one event.
    key         TEXT NOT NULL,
    via         TEXT NOT NULL CHECK (via IN ('webhook', 'reconciler')),
    event       TEXT NOT NULL,
    object      TEXT NOT NULL,
    action      TEXT NOT NULL,
    object_id   TEXT NOT NULL,
    event_time  INTEGER NOT NULL,
    -- When the object was created, closed or reopened, by the server's clock; 1: the server says exactly this.
    moment      INTEGER,
    exact       INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('accepted', 'ignored', 'pending')),
    reason      TEXT,
    received_at INTEGER NOT NULL,
    duplicates  INTEGER NOT NULL DEFAULT 0,
    last_at     INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    data_blob   BLOB NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE UNIQUE INDEX deliveries_key ON deliveries (tenant, connection, key);
-- The ledger of creations, closures and reopenings: what the reconciler asks.
CREATE INDEX deliveries_told ON deliveries (tenant, connection, object, object_id) WHERE moment IS NOT NULL;
CREATE INDEX deliveries_pending ON deliveries (received_at) WHERE state = 'pending';
CREATE INDEX deliveries_state ON deliveries (tenant, connection, state, id);

CREATE TABLE delivery_runs (
    tenant     TEXT NOT NULL,
    delivery   BLOB NOT NULL,
    deployment TEXT NOT NULL,
    trigger    TEXT NOT NULL,
    run        BLOB NOT NULL,
    PRIMARY KEY (tenant, delivery, deployment, trigger)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_runs_deployment ON delivery_runs (tenant, deployment, delivery);

-- One row per connection: what came, and when last.
CREATE TABLE hooks (
    tenant              TEXT NOT NULL,
    connection          TEXT NOT NULL,
    received            INTEGER NOT NULL DEFAULT 0,
    duplicates          INTEGER NOT NULL DEFAULT 0,
    accepted            INTEGER NOT NULL DEFAULT 0,
    ignored             INTEGER NOT NULL DEFAULT 0,
    pending             INTEGER NOT NULL DEFAULT 0,
    found               INTEGER NOT NULL DEFAULT 0,
    bytes               INTEGER NOT NULL DEFAULT 0,
    last_received_at    INTEGER,
    last_accepted_at    INTEGER,
    last_ignored_at     INTEGER,
    last_ignored_reason TEXT,
    last_found_at       INTEGER,
    PRIMARY KEY (tenant, connection)
) STRICT, WITHOUT ROWID;

-- How far the reconciler is: everything up to the watermark, in the server's time, was compared.
CREATE TABLE hook_marks (
    tenant     TEXT NOT NULL,
    connection TEXT NOT NULL,
    lane       TEXT NOT NULL,
    watermark  INTEGER NOT NULL,
    looked_at  INTEGER NOT NULL,
    problem    TEXT,
    PRIMARY KEY (tenant, connection, lane)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER deliveries_counted_insert AFTER INSERT ON deliveries BEGIN
    INSERT OR IGNORE INTO hooks (tenant, connection) VALUES (NEW.tenant, NEW.connection);
    UPDATE hooks SET
        received = received + (NEW.via = 'webhook'),
        found    = found    + (NEW.via = 'reconciler'),
        accepted = accepted + (NEW.state = 'accepted'),
        ignored  = ignored  + (NEW.state = 'ignored'),
        pending  = pending  + (NEW.state = 'pending'),
        bytes    = bytes    + NEW.bytes,
        last_received_at    = iif(NEW.via = 'webhook', NEW.received_at, last_received_at),
        last_found_at       = iif(NEW.via = 'reconciler', NEW.received_at, last_found_at),
        last_accepted_at    = iif(NEW.state = 'accepted', NEW.received_at, last_accepted_at),
        last_ignored_at     = iif(NEW.state = 'ignored', NEW.received_at, last_ignored_at),
        last_ignored_reason = iif(NEW.state = 'ignored', NEW.reason, last_ignored_reason)
    WHERE tenant = NEW.tenant AND connection = NEW.connection;
END;

CREATE TRIGGER deliveries_counted_duplicate AFTER UPDATE OF duplicates ON deliveries WHEN OLD.duplicates <> NEW.duplicates BEGIN
    UPDATE hooks SET received = received + 1, duplicates = duplicates + 1, last_received_at = NEW.last_at
    WHERE tenant = NEW.tenant AND connection = NEW.connection;
END;

CREATE TRIGGER deliveries_counted_state AFTER UPDATE OF state ON deliveries WHEN OLD.state <> NEW.state BEGIN
    UPDATE hooks SET
        accepted = accepted + (NEW.state = 'accepted') - (OLD.state = 'accepted'),
        ignored  = ignored  + (NEW.state = 'ignored')  - (OLD.state = 'ignored'),
        pending  = pending  + (NEW.state = 'pending')  - (OLD.state = 'pending'),
        last_accepted_at    = iif(NEW.state = 'accepted', NEW.last_at, last_accepted_at),
        last_ignored_at     = iif(NEW.state = 'ignored', NEW.last_at, last_ignored_at),
        last_ignored_reason = iif(NEW.state = 'ignored', NEW.reason, last_ignored_reason)
    WHERE tenant = NEW.tenant AND connection = NEW.connection;
END;

CREATE TRIGGER deliveries_counted_delete AFTER DELETE ON deliveries BEGIN
    UPDATE hooks SET bytes = bytes - OLD.bytes, pending = pending - (OLD.state = 'pending')
    WHERE tenant = OLD.tenant AND connection = OLD.connection;
    DELETE FROM delivery_runs WHERE tenant = OLD.tenant AND delivery = OLD.id;
END;
