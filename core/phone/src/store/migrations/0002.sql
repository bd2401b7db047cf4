-- Boxes of rounds: every box in one value, all its slots, rewritten whole at each save; no other column tells a ballot.
create table ballot_box (
    round     blob primary key,  -- 16 bytes
    id        blob not null,     -- 16 random bytes that stand on no envelope
    slots     blob not null,
    is_sealed integer not null   -- 1 once the seal is said; nothing is cast any more
) strict;

-- The one draft of a resident who is answering, under the secret of the slip.
create table guest_draft (
    one         integer primary key check (one = 1),
    round       blob not null,
    incarnation blob not null,   -- of the device when it was begun; after a restore it dies
    salt        blob not null,
    sealed      blob not null
) strict;
