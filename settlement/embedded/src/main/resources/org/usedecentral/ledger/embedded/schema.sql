-- The embedded ledger, version 1. Amounts are base units, times Unix seconds, keys and hashes 32 bytes.
-- Each statement ends with a semicolon at the end of a line.

PRAGMA application_id = 1145261105;

-- The one row about the whole ledger. The heartbeat is written when nothing else is.
CREATE TABLE ledger (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    operator  BLOB    NOT NULL,
    random    BLOB    NOT NULL,
    settings  INTEGER NOT NULL REFERENCES entries (position) DEFERRABLE INITIALLY DEFERRED,
    outside   INTEGER NOT NULL CHECK (outside <= 0),
    heartbeat INTEGER NOT NULL
) STRICT;

-- The journal: what cannot be computed from anything else. Every other table follows from it.
CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    hash     BLOB    NOT NULL,
    time     INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    label    TEXT    NOT NULL,
    job      BLOB,
    body     BLOB    NOT NULL
) STRICT;

-- The node's signature of each commit's last entry.
CREATE TABLE heads (
    position  INTEGER PRIMARY KEY REFERENCES entries (position) DEFERRABLE INITIALLY DEFERRED,
    signature BLOB    NOT NULL
) STRICT;

-- Double entry: the amounts of one position sum to zero, those of one purse to its balance.
CREATE TABLE postings (
    position INTEGER NOT NULL,
    purse    TEXT    NOT NULL CHECK (purse IN ('OUTSIDE', 'FREE', 'ESCROW', 'HELD')),
    owner    BLOB    NOT NULL,
    amount   INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (position, purse, owner)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    account  BLOB    PRIMARY KEY,
    free     INTEGER NOT NULL CHECK (free >= 0),
    locked   INTEGER NOT NULL CHECK (locked >= 0),
    held     INTEGER NOT NULL CHECK (held >= 0),
    sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE approvals (
    payer        BLOB    NOT NULL,
    spender      BLOB    NOT NULL,
    orchestrator BLOB    NOT NULL,
    job_cap      INTEGER NOT NULL,
    total_cap    INTEGER NOT NULL,
    expires      TEXT    NOT NULL,
    may_dispute  INTEGER NOT NULL,
    generation   INTEGER NOT NULL,
    spent        INTEGER NOT NULL CHECK (spent >= 0),
    revoked      INTEGER NOT NULL,
    PRIMARY KEY (payer, spender)
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
    worker     BLOB    PRIMARY KEY,
    owner      BLOB    NOT NULL,
    payout     BLOB    NOT NULL,
    retired    INTEGER NOT NULL,
    reputation INTEGER NOT NULL CHECK (reputation BETWEEN 0 AND 10000)
) STRICT, WITHOUT ROWID;

-- Jobs are never deleted: an id is used once. "settings" names the entry whose shares and windows the job was locked under.
CREATE TABLE jobs (
    id                 BLOB    PRIMARY KEY,
    terms              BLOB    NOT NULL,
    payer              BLOB    NOT NULL,
    orchestrator       BLOB    NOT NULL,
    lock_transaction   BLOB    NOT NULL,
    settings           INTEGER NOT NULL REFERENCES entries (position) DEFERRABLE INITIALLY DEFERRED,
    state              TEXT    NOT NULL,
    refund_after       INTEGER NOT NULL,
    dispute_until      INTEGER,
    remaining          INTEGER NOT NULL CHECK (remaining >= 0),
    held               INTEGER NOT NULL CHECK (held >= 0),
    worker             BLOB,
    payout             BLOB,
    price              INTEGER,
    worker_share       INTEGER,
    orchestrator_share INTEGER,
    treasury_share     INTEGER,
    settle_transaction BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_open ON jobs (id) WHERE state <> 'CLOSED';

CREATE INDEX jobs_open_of_orchestrator ON jobs (orchestrator, id) WHERE state <> 'CLOSED';

-- What up to three workers of a job were paid on vouchers.
CREATE TABLE paid (
    job             BLOB    NOT NULL REFERENCES jobs (id) DEFERRABLE INITIALLY DEFERRED,
    slot            INTEGER NOT NULL CHECK (slot BETWEEN 0 AND 2),
    worker          BLOB    NOT NULL,
    amount          INTEGER NOT NULL CHECK (amount > 0),
    by_orchestrator INTEGER NOT NULL,
    PRIMARY KEY (job, slot)
) STRICT, WITHOUT ROWID;

-- Write ids, scoped to their signer, with a hash of what was written.
CREATE TABLE writes (
    signer   BLOB    NOT NULL,
    write    BLOB    NOT NULL,
    content  BLOB    NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (signer, write)
) STRICT, WITHOUT ROWID;

CREATE TABLE deposits (
    reference TEXT    PRIMARY KEY,
    position  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
