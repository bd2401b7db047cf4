//! Public files of sealed answers: one a month for each round, for everybody, for a year.
//!
//! The server cannot know which answers a file holds, nor whether it holds any. Source: anonymity A50, A52.

use model::feedback::replies::{RepliesRefused, ReplyFile};
use model::round::RoundDefinition;
use model::time::Day;
use rusqlite::Connection;

use super::{CaseState, Step, StepKind, cases, note_step};
use crate::failure::ServerFailed;

/// Days for which a file stays public.
const KEPT_DAYS: i64 = 365;

/// Characters of `YYYY-MM`.
const MONTH_CHARS: usize = 7;

/// Why a file was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishRefused {
    /// No file of answers.
    #[error(transparent)]
    File(#[from] RepliesRefused),
    /// Of another round, or made under another definition.
    #[error("the file is of another round")]
    OtherRound,
    /// Made on a day that has not come, or more than a year ago.
    #[error("the file has a day on which it cannot be published")]
    Day,
    /// Another of that month is public.
    #[error("a file of this month was published")]
    PublishedBefore,
    /// The server.
    #[error(transparent)]
    Failed(#[from] ServerFailed),
}

/// Publishes a file of answers, and lets go of those that are a year old. What was handed over until the day on which the
/// file was made counts as published.
pub fn publish(connection: &Connection, round: &RoundDefinition, text: &str, today: Day) -> Result<(), PublishRefused> {
    let file = ReplyFile::read(text)?;
    if file.round != round.id || file.fingerprint != round.fingerprint() {
        return Err(PublishRefused::OtherRound);
    }
    if file.day > today || month_of(file.day) < oldest(today) {
        return Err(PublishRefused::Day);
    }
    let transaction = connection.unchecked_transaction().map_err(ServerFailed::from)?;
    forget_old(&transaction, today)?;
    let sql = "insert into reply_file (round, month, text) values (?1, ?2, ?3) on conflict do nothing";
    let row = (round.id.as_bytes(), month_of(file.day), file.to_text());
    if transaction.execute(sql, row).map_err(ServerFailed::from)? == 0 {
        return Err(PublishRefused::PublishedBefore);
    }
    for kept in cases(&transaction, Some(round.id))? {
        let handed = kept.step_of(StepKind::HandedOver).is_some_and(|step| step.day <= file.day);
        if handed && kept.state() == CaseState::HandedOver {
            let step = Step { kind: StepKind::Published, day: today, unit: None, text: None };
            note_step(&transaction, kept.case.id, &step)?;
        }
    }
    Ok(transaction.commit().map_err(ServerFailed::from)?)
}

/// Lets go of files that are a year old.
pub fn forget_old(connection: &Connection, today: Day) -> Result<(), ServerFailed> {
    connection.execute("delete from reply_file where month < ?1", [oldest(today)])?;
    Ok(())
}

/// The texts of all public files, the newest first; among those of one month the round's random name decides.
pub fn texts(connection: &Connection) -> Result<Vec<String>, ServerFailed> {
    let mut statement = connection.prepare_cached("select text from reply_file order by month desc, round")?;
    let texts = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(texts)
}

/// Which files are public: another text whenever one came or went.
pub(crate) fn names(connection: &Connection) -> Result<String, ServerFailed> {
    let sql = "select coalesce(group_concat(hex(round) || month), '') from reply_file";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

fn month_of(day: Day) -> String {
    day.to_string()[..MONTH_CHARS].to_owned()
}

fn oldest(today: Day) -> String {
    today.plus_days(-KEPT_DAYS).map(month_of).unwrap_or_default()
}
