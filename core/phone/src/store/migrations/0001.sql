-- The phone's store. Columns are never given a new meaning; a change is a further migration.

-- Single values: who this device is, and what it last knew.
create table meta (
    name  text primary key,
    value blob not null
) strict;

-- What this phone holds of each space: the cursor that it tells the server.
create table space (
    id      blob primary key,          -- 16 bytes
    epoch   blob not null,             -- started_ms and random, 8 bytes each, big-endian
    number  integer not null,          -- rows held; the last one's number
    chain   blob not null,             -- 16 bytes, over exactly these rows
    safe    integer not null,          -- rows up to here are safe (exchange rule R13)
    is_copied integer not null         -- 1 if safe comes from a second copy
) strict;

-- Every entry that this phone holds, own or not; its signed bytes lie beside it, so that a receipt rewrites no bytes.
create table entry (
    id           integer primary key,  -- order of coming to this phone; dependencies always come earlier
    hash         blob not null unique, -- 32 bytes
    space        blob not null,
    document     integer,              -- document.key; null for an act of membership
    kind         integer not null,     -- EntryKind
    person       blob not null,
    device       blob not null,
    number       integer,              -- place in the present log; null until pulled
    chain        blob,                 -- chain after this row; null until pulled
    in_force     integer,              -- 1 if it has effect at its place; null until the server said so
    first_epoch  blob,                 -- first receipt; null until there is one
    first_number integer,
    page         integer,              -- page of receipts that proves it
    acknowledged integer,              -- present number by the server's answer, before the row is pulled
    is_unsent    integer not null,     -- 1 while it is in the outbox
    refusal      integer               -- Refusal; null unless refused
) strict;
create unique index entry_number on entry (space, number) where number is not null;
create index entry_document on entry (document) where document is not null;
create index entry_grant on entry (space, number) where document is null;
create index entry_unsent on entry (space, first_epoch, first_number, id) where is_unsent = 1;
create index entry_refused on entry (space) where refusal is not null;

-- The entries as they were signed; never rewritten (exchange rule R4).
create table signed (
    entry integer primary key,
    bytes blob not null
) strict;

-- Pages of receipts, CBOR as the server signed them.
create table page (
    id    integer primary key,
    bytes blob not null
) strict;

-- One row per document: what lists and the gate need without opening it.
create table document (
    key       integer primary key,     -- order of coming to this phone
    space     blob not null,
    id        blob not null,
    person    blob not null,           -- author of its first entry
    changes   integer not null,        -- changes held and not refused
    latest    integer not null,        -- entry.id of the newest entry
    decisions blob not null,           -- Decisions in force by the rows held, CBOR
    rebased   integer not null,        -- how often it went on under a new actor after a refusal
    unique (space, id)
) strict;

-- Where a person was when the app was closed.
create table position (
    space    blob not null,
    document blob not null,
    question text not null,
    primary key (space, document)
) strict, without rowid;
