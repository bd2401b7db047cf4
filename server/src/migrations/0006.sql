-- What residents said on their own, after it was screened (anonymity A48-A51). Names are random and days are days of
-- batches, so neither a row nor its place tells when anything came. Nothing unscreened, no code and no envelope is here.

-- Packets that were taken, each once.
create table feedback_packet (
    digest       blob primary key,     -- SHA-256 of the file
    round        blob not null,
    day          text not null,        -- of the batch
    denounced    integer not null,     -- what belongs elsewhere and left nothing but this number
    out_of_scope integer not null
) strict, without rowid;

-- Screened texts. Written once; the text goes when the round is destroyed.
create table feedback_case (
    id           blob primary key,     -- 16 random bytes
    round        blob not null,
    day          text not null,        -- of the batch; the clock of the answer starts here
    topic        integer not null,     -- Topic
    about        blob not null,        -- FeedbackAbout, CBOR
    area         integer,              -- null unless enough of the batch share it
    text         text not null,        -- for the office
    paraphrase   text not null,        -- for the unit spoken of
    awaits_reply integer not null,
    is_protected integer not null      -- read by two holders, who have its code; else by the intake
) strict, without rowid;

-- What the office did with a case, in the order in which it did it. Written once.
create table feedback_event (
    feedback blob not null,
    number   integer not null,         -- from 1
    kind     integer not null,         -- StepKind
    day      text not null,
    unit     blob,                     -- to which it was routed
    text     text,                     -- the answer
    primary key (feedback, number)
) strict, without rowid;

-- Public files of sealed answers, each for twelve months.
create table reply_file (
    round  blob not null,
    month  text not null,              -- YYYY-MM of the day on which it was made
    number integer not null,           -- 1 or 2: the intake and the holders each make one
    text   text not null,              -- ReplyFile
    primary key (round, month, number)
) strict, without rowid;
