-- The server's database. Columns are never given a new meaning; a change is a further migration.

create table meta (
    name  text primary key,
    value blob not null
) strict;

-- One row per sharing unit. Its row is rewritten by every append, so numbers have no gaps.
create table space (
    id         integer primary key,
    space      blob not null unique,   -- 16 bytes
    kind       integer not null,       -- 1 directory, 2 person
    head       integer not null,       -- number of the last row
    chain      blob not null,          -- chain after it
    recovering integer not null        -- 0 no; 1 after a restore; 2 after a restore without the membership file
) strict;

-- Where earlier lives of the server ended (exchange rule R7).
create table lineage (
    space  integer not null,
    epoch  blob not null,
    number integer not null,
    chain  blob not null,
    primary key (space, epoch)
) strict, without rowid;

-- Devices that have brought back everything since the restore (exchange rule R10).
create table back (
    space  integer not null,
    device blob not null,
    primary key (space, device)
) strict, without rowid;

-- The logs.
create table entry (
    id           integer primary key,
    space        integer not null,
    number       integer not null,
    hash         blob not null,
    document     blob not null,
    kind         integer not null,
    person       blob not null,
    device       blob not null,
    first_epoch  blob not null,        -- first receipt
    first_number integer not null,
    in_force     integer not null,
    chain        blob not null,        -- chain after this row
    received_ms  integer not null,     -- server's clock
    bytes        blob not null         -- as signed
) strict;
create unique index entry_number on entry (space, number);
create unique index entry_hash on entry (hash);
create index entry_document on entry (space, document, number);

-- What the gate must know of a document without opening it.
create table document (
    space    integer not null,
    document blob not null,
    kind     integer not null,         -- DocumentKind
    state    blob not null,            -- DocumentState, CBOR
    primary key (space, document)
) strict, without rowid;

-- Which spaces a device was ever let into.
create table device_space (
    device blob not null,
    space  integer not null,
    primary key (device, space)
) strict, without rowid;

-- One-time codes for enrolment; only their hashes.
create table enrolment_code (
    name       blob primary key,       -- the code's first four bytes: wrong tries count against this code alone
    hash       blob not null,
    person     blob not null,
    role       integer not null,
    expires_ms integer not null,
    tries      integer not null        -- wrong ones
) strict;

-- Devices that asked to be enrolled, and those that were approved.
create table device (
    device      blob primary key,
    key         blob not null,
    person      blob not null,
    role        integer not null,
    approved_ms integer                -- null while waiting for the four words
) strict;

-- What the office published, by kind and code, as the directory's documents say it.
create table directory (
    kind text not null,
    code text not null,
    body text not null,
    primary key (kind, code)
) strict, without rowid;
