-- The day on which the last batch of a box was put together: at most one a day leaves the phone.
alter table ballot_box add column batch_day text;

-- What the server signed of the envelopes that it has for good: the chain of its lists, without their names.
create table received_list (
    round     blob not null,
    number    integer not null,
    digest    blob not null,
    signature blob not null,
    is_last   integer not null,
    primary key (round, number)
) strict, without rowid;
