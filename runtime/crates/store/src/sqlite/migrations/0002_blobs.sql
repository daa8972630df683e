-- Blobs: the rows of `blobs` name files of a tenant, those of `blob_holds` say which run needs which of them. A run's rows go in the
-- transaction that ends it for good; a blob that nobody needs is a janitor's. Counts are kept by triggers, so that no code path can
-- forget them.

-- No foreign keys: the hold and its blob are inserted together, and a blob is deleted only while its `refs` are 0.
CREATE TABLE blob_holds (
    tenant TEXT NOT NULL,
    run    BLOB NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (tenant, run, digest)
) STRICT, WITHOUT ROWID;

-- Bytes of the blobs that runs of a tenant need, each counted once: what the quota limits.
CREATE TABLE blob_totals (
    tenant TEXT PRIMARY KEY NOT NULL,
    bytes  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX blobs_unneeded ON blobs (tenant, digest) WHERE refs = 0;

CREATE TRIGGER blob_holds_counted_insert AFTER INSERT ON blob_holds BEGIN
    UPDATE blobs SET refs = refs + 1 WHERE tenant = NEW.tenant AND digest = NEW.digest;
END;

CREATE TRIGGER blob_holds_counted_delete AFTER DELETE ON blob_holds BEGIN
    UPDATE blobs SET refs = refs - 1 WHERE tenant = OLD.tenant AND digest = OLD.digest;
END;

CREATE TRIGGER blobs_totalled AFTER UPDATE OF refs ON blobs WHEN (OLD.refs > 0) <> (NEW.refs > 0) BEGIN
    INSERT OR IGNORE INTO blob_totals (tenant, bytes) VALUES (NEW.tenant, 0);
    UPDATE blob_totals SET bytes = bytes + NEW.size * ((NEW.refs > 0) - (OLD.refs > 0)) WHERE tenant = NEW.tenant;
END;
