-- What the server answered ahead of its row: few at any time, and looked for with every request.
create index entry_acknowledged on entry (space, acknowledged) where acknowledged is not null;
