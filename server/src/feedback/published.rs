//! Public files of sealed answers: each month one of the intake and one of the holders, for everybody, for a year.
//!
//! The server cannot know which answers a file holds, nor whether it holds any. Source: anonymity A50, A52.

use model::feedback::replies::{REPLIES_BYTES_MAX, RepliesRefused, ReplyFile};
use model::round::RoundDefinition;
use model::time::Day;
use rusqlite::Connection;

use crate::failure::ServerFailed;

/// Days for which a file stays public.
const KEPT_DAYS: i64 = 365;

/// Bytes of all public files; as texts of one array they have more, because their quotes are escaped.
const PUBLIC_BYTES_MAX: usize = REPLIES_BYTES_MAX / 2;

/// Files of one round and month: the intake's and the holders'.
const FILES_A_MONTH: u32 = 2;

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
    /// This very file is public, or all of that month are.
    #[error("the files of this month were published")]
    PublishedBefore,
    /// Phones would not take all public files together.
    #[error("the public files are too large")]
    TooMuch,
    /// The server.
    #[error(transparent)]
    Failed(#[from] ServerFailed),
}

/// Publishes a file of answers, and lets go of those that are a year old.
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
    let text = file.to_text();
    let public = texts(&transaction)?;
    if public.contains(&text) {
        return Err(PublishRefused::PublishedBefore);
    }
    if public.iter().map(String::len).sum::<usize>() + text.len() > PUBLIC_BYTES_MAX {
        return Err(PublishRefused::TooMuch);
    }
    let sql = "insert into reply_file (round, month, number, text)
               select ?1, ?2, 1 + count(*), ?3 from reply_file where round = ?1 and month = ?2 having count(*) < ?4";
    let row = (round.id.as_bytes(), month_of(file.day), text, FILES_A_MONTH);
    if transaction.execute(sql, row).map_err(ServerFailed::from)? == 0 {
        return Err(PublishRefused::PublishedBefore);
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
    let mut statement = connection.prepare_cached("select text from reply_file order by month desc, round, number")?;
    let texts = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(texts)
}

/// Which files are public: another text whenever one came or went.
pub(crate) fn names(connection: &Connection) -> Result<String, ServerFailed> {
    let sql = "select coalesce(group_concat(hex(round) || month || '/' || number), '') from reply_file";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

fn month_of(day: Day) -> String {
    day.to_string()[..MONTH_CHARS].to_owned()
}

fn oldest(today: Day) -> String {
    today.plus_days(-KEPT_DAYS).map(month_of).unwrap_or_default()
}
