-- Where each evaluation case is: one row per case, folded from the steps and the filed papers of its space in the order of
-- the log. The log decides; this says the same in a form that 40,000 cases can be counted from, and is made anew from it.
create table case_standing (
    space           integer primary key,   -- space.id
    cycle           blob not null,
    person          blob not null,         -- the cadre
    state           integer,               -- CaseState; null before the first step
    since_ms        integer,               -- when the server received the step in force
    self_rating     text,                  -- Rating, of the newest self-assessment
    proposed        text,                  -- Rating, of the newest comment of the head
    voters_total    integer,               -- of the newest residence opinion, here and in the next four
    voters_present  integer,
    agree           integer,               -- null when nobody was counted
    disagree        integer,
    no_opinion      integer,
    filed_outcome   text,                  -- of the newest decision paper: a Rating, or why nobody is rated
    filed_number    integer,               -- the row that filed it
    appeal          text,                  -- what came of the newest appeal: kept or changed
    decided         text,                  -- of the decision in force; null before the first, and until a changed one is replaced
    decided_number  integer,               -- the row that filed it
    unread          integer not null       -- filed papers that could not be read
) strict;
create index case_cycle on case_standing (cycle);
