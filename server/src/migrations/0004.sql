-- What three holders signed and handed to the office, with the sealed slip book (anonymity A3, A4). Written once.
create table announcement (
    round blob primary key,        -- 16 bytes
    bytes blob not null            -- Announcement
) strict;

-- Results of openings, each signed by two holders. Written once.
create table outcome (
    round blob not null,
    pair  integer not null,        -- 1 the first pair, 2 the recount
    bytes blob not null,           -- SignedOutcome
    primary key (round, pair)
) strict;

-- What people did with a round, and on which day.
create table round_step (
    round blob not null,
    step  integer not null,        -- RoundState
    day   text not null,
    primary key (round, step)
) strict, without rowid;

-- Seals that a volunteer read over the telephone (anonymity A20).
create table spoken_seal (
    round blob not null,
    seal  blob not null,
    noted text not null,           -- the day
    primary key (round, seal)
) strict, without rowid;
