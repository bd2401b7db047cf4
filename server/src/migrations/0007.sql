-- What is shared by several people beside the directory, so that it can be asked who may read it today: a case
-- or its minutes (cycle and person), or the results that the people of a unit may read (unit).
create table shared_space (
    space  integer primary key,
    kind   integer not null,           -- 3 case, 4 unit, 5 minutes
    cycle  blob,
    person blob,
    unit   blob
) strict;

-- Signed papers that lie in a case, and publications that lie among those of a unit.
create table filed (
    space      integer not null,
    submission blob not null,          -- hash of the author's entry
    primary key (submission, space)
) strict, without rowid;

-- Submissions, to find those that lie in no case yet.
create index entry_submission on entry (id) where kind = 2;
