-- What the office answered residents, as it published it for everybody: the newest that was fetched, and nothing of any
-- code that was ever tried on it.
create table published_replies (
    one        integer primary key check (one = 1),
    fetched_on text not null,          -- YYYY-MM-DD, in Vietnam
    body       text not null           -- a JSON array with the text of each file
) strict;
