//! `langnghe approve`: lets phones in whose four words somebody has compared, and says why one was not let in.

use std::io::BufRead;

use model::text::folded;

use crate::command::{complain, say};
use crate::counter::ask;
use crate::desk::{Asked, Candidate, Told};
use crate::failure::ServerFailed;
use crate::order::{Outcome, explain};
use crate::roll_table;
use crate::settings::{Language, Settings};

/// Answers that are neither yes nor no, before one counts as no.
const TRIES_MAX: usize = 3;

/// Why no phone was let in.
#[derive(Debug)]
enum Reason {
    /// No phone waits, but so many codes can still be used.
    NobodyYet(u32),
    /// No phone waits, and no code can be used.
    NoCode,
    /// Phones wait, and none of them shows the words that were typed.
    OtherWords,
    /// Somebody compared, and said no.
    Denied,
    /// Nobody answered the question.
    NobodyAsked,
    /// The phone with these words is in.
    AlreadyIn(Candidate),
}

/// What came of a question at the terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Answer {
    Same,
    Different,
    /// The input has ended: nobody is there.
    Nobody,
}

/// Lets in the phone that shows these words, or asks about each that waits.
pub fn approve(settings: &Settings, words: Option<&str>) -> Result<Outcome, ServerFailed> {
    let told = ask(settings, &Asked::Waiting)?;
    let Told::Waiting(waiting) = told else { return explain(settings, told) };
    let chosen = match words {
        Some(words) => waiting.iter().filter(|candidate| is_same(&candidate.words, words)).cloned().collect(),
        None => match compared(settings, &waiting) {
            Ok(chosen) => chosen,
            Err(reason) => return not_done(settings, &reason),
        },
    };
    if chosen.is_empty() {
        return match why(settings, &waiting, words)? {
            Ok(reason) => not_done(settings, &reason),
            Err(told) => explain(settings, told),
        };
    }
    for candidate in chosen {
        let person = &candidate.person;
        match ask(settings, &Asked::Approve { device: candidate.device, nonce: candidate.nonce })? {
            Told::Done => say(&match settings.language {
                Language::Vi => format!("Đã cho điện thoại của {person} vào."),
                Language::En => format!("The phone of {person} is in."),
            }),
            Told::Unknown => {
                let approve = settings.order("approve");
                complain(&match settings.language {
                    Language::Vi => format!(
                        "Điện thoại của {person} không còn chờ với bốn từ ấy nữa; chưa có gì thay đổi; muốn so lại: {approve}"
                    ),
                    Language::En => format!(
                        "The phone of {person} waits no more with these four words; nothing was changed; to compare again: {approve}"
                    ),
                });
                return Ok(Outcome::NotDone);
            }
            told => return explain(settings, told),
        }
    }
    Ok(Outcome::Done)
}

/// Asks about each phone that waits; the ones whose words are the same.
fn compared(settings: &Settings, waiting: &[Candidate]) -> Result<Vec<Candidate>, Reason> {
    let mut chosen = Vec::new();
    for candidate in waiting {
        match confirmed(settings, candidate) {
            Answer::Same => chosen.push(candidate.clone()),
            Answer::Different => {}
            Answer::Nobody if chosen.is_empty() => return Err(Reason::NobodyAsked),
            Answer::Nobody => break,
        }
    }
    Ok(chosen)
}

/// What the office knows of a phone that was not found; an answer that tells nothing comes back.
fn why(settings: &Settings, waiting: &[Candidate], words: Option<&str>) -> Result<Result<Reason, Told>, ServerFailed> {
    if words.is_none() && !waiting.is_empty() {
        return Ok(Ok(Reason::Denied));
    }
    let told = ask(settings, &Asked::Admitted)?;
    let Told::Admitted { phones, codes } = told else { return Ok(Err(told)) };
    let known = words.and_then(|words| phones.into_iter().find(|phone| is_same(&phone.words, words)));
    Ok(Ok(match (known, waiting, codes) {
        (Some(phone), _, _) => Reason::AlreadyIn(phone),
        (None, [_, ..], _) => Reason::OtherWords,
        (None, [], 0) => Reason::NoCode,
        (None, [], codes) => Reason::NobodyYet(codes),
    }))
}

fn not_done(settings: &Settings, reason: &Reason) -> Result<Outcome, ServerFailed> {
    complain(&sentence(settings, reason));
    Ok(Outcome::NotDone)
}

fn sentence(settings: &Settings, reason: &Reason) -> String {
    let phone = settings.pick("<điện thoại>", "<phone>");
    let (approve, dismiss) = (settings.order("approve"), settings.order(&format!("dismiss {phone}")));
    let who = settings.pick("enrol --person <người> --role <vai trò>", "enrol --person <who> --role <role>");
    let enrol = settings.order(who);
    let (vi, en) = match reason {
        Reason::NobodyYet(codes) => (
            format!("Chưa có điện thoại nào đang chờ; còn {codes} mã chưa được quét; hãy quét mã bằng điện thoại rồi chạy: {approve}"),
            format!("No phone is waiting yet; codes that no phone has read: {codes}; read one with the phone, then run: {approve}"),
        ),
        Reason::NoCode => (
            format!("Không có điện thoại nào đang chờ và không còn mã nào dùng được (mỗi mã chỉ dùng một lần, trong 15 phút); hãy làm mã mới: {enrol}"),
            format!("No phone is waiting and no code can be used any more (each is good once, for 15 minutes); make a new one: {enrol}"),
        ),
        Reason::OtherWords => (
            format!("Chưa cho điện thoại nào vào vì không máy nào đang chờ hiện bốn từ này; để so từng máy: {approve}; muốn bỏ hẳn một máy đang chờ: {dismiss}"),
            format!("No phone was let in, for none that waits shows these four words; to compare each: {approve}; to send a waiting phone away: {dismiss}"),
        ),
        Reason::Denied => (
            format!("Chưa cho điện thoại nào vào vì bốn từ không giống nhau; muốn bỏ hẳn một máy đang chờ: {dismiss}"),
            format!("No phone was let in, for the four words are not the same; to send a waiting phone away: {dismiss}"),
        ),
        Reason::NobodyAsked => (
            "Chưa cho điện thoại nào vào vì không có ai để hỏi; hãy tự gõ lệnh này trên máy chủ, hoặc ghi bốn từ của điện thoại bằng --words.".to_owned(),
            "No phone was let in, for there is nobody to ask; run this at a terminal, or give the phone's four words with --words.".to_owned(),
        ),
        Reason::AlreadyIn(phone) => (
            format!("Điện thoại hiện bốn từ này, của {}, đã được cho vào từ trước; không cần làm gì thêm.", phone.person),
            format!("The phone that shows these words, of {}, is in already; there is nothing to do.", phone.person),
        ),
    };
    match settings.language {
        Language::Vi => vi,
        Language::En => en,
    }
}

fn confirmed(settings: &Settings, candidate: &Candidate) -> Answer {
    let Candidate { person, words, .. } = candidate;
    let role = roll_table::role(candidate.role, settings.language);
    say(&match settings.language {
        Language::Vi => format!("{person} ({role}): «{words}». Điện thoại có hiện đúng bốn từ này không? (có/không)"),
        Language::En => format!("{person} ({role}): \"{words}\". Does the phone show these four words? (yes/no)"),
    });
    for _ in 0..TRIES_MAX {
        let mut answer = String::new();
        if std::io::stdin().lock().read_line(&mut answer).unwrap_or(0) == 0 {
            return Answer::Nobody;
        }
        match folded(answer.trim()).as_str() {
            "co" | "c" | "yes" | "y" => return Answer::Same,
            "khong" | "k" | "no" | "n" => return Answer::Different,
            _ => say(settings.pick("Hãy gõ «có» hoặc «không»:", "Type \"yes\" or \"no\":")),
        }
    }
    Answer::Different
}

/// Typed without tone marks, or with other spaces, they are still the words: none is another one's tone.
fn is_same(shown: &str, typed: &str) -> bool {
    let words = |text: &str| folded(text).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    words(shown) == words(typed)
}
