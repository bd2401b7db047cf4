-- Somebody objects to a result, and its ballots are kept longer (anonymity A52).
create table objection (
    round blob primary key,        -- 16 bytes
    day   text not null
) strict;
