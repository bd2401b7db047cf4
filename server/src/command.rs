//! The commands of `langnghe`, each a function of the settings; `main` only parses and exits.

use std::io::{IsTerminal, Write};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::Level;

use crate::advice::of_blind;
use crate::disk::nearness;
use crate::door::{CopyState, Stop, StopReason};
use crate::failure::ServerFailed;
use crate::folder::Found;
use crate::order::Outcome;
use crate::running;
use crate::settings::{Language, Settings};
use crate::sidecar;
use crate::words::{of_failure, of_nearness, pick, quoted};

/// Serves until a signal or a newer server ends it.
pub fn serve(settings: &Settings, level: Level) -> Result<Outcome, ServerFailed> {
    begin_log(level);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut stopped = serve_once(settings).await;
        if stopped == Err(ServerFailed::WentBack) {
            say(&of_failure(&ServerFailed::WentBack, settings));
            stopped = serve_once(settings).await;
        }
        if stopped.is_ok() {
            say(settings.pick(
                "Máy chủ đã dừng; mọi thứ đã báo nhận đều đã ghi xuống đĩa.",
                "The server has stopped; everything acknowledged is on disk.",
            ));
        }
        stopped.map(|()| Outcome::Done)
    })
}

async fn serve_once(settings: &Settings) -> Result<(), ServerFailed> {
    let running = running::start(settings).await?;
    stop_at_signals(running.stop_handle(), settings.language)?;
    announce(&running, settings);
    tokio::spawn(tell_of_copy(running.door().copy.clone(), settings.clone()));
    running.until_stopped().await
}

/// Says when the second copy fails and when it follows again; the log says it in its own way.
async fn tell_of_copy(mut copy: watch::Receiver<CopyState>, settings: Settings) {
    let mut told = CopyState::Following;
    loop {
        let state = *copy.borrow_and_update();
        if let Some(news) = news_of_copy((told, state), &settings) {
            complain(&news);
        }
        told = state;
        if copy.changed().await.is_err() {
            return;
        }
    }
}

/// What is worth a line when the second copy goes from one state to another.
fn news_of_copy(change: (CopyState, CopyState), settings: &Settings) -> Option<String> {
    match change {
        (CopyState::None | CopyState::Following, CopyState::Failed) => {
            let doctor = settings.order("doctor");
            Some(match settings.language {
                Language::Vi => format!(
                    "Bản sao thứ hai không ghi được; máy chủ vẫn nhận, nhưng \"Máy chủ đã nhận\" chỉ chịu được một sự cố; hãy kiểm tra ổ đĩa ấy, rồi xem: {doctor}"
                ),
                Language::En => format!(
                    "The second copy cannot be written; the server goes on, but \"received\" covers one fault only; check that disk, then see: {doctor}"
                ),
            })
        }
        (CopyState::Failed, CopyState::Following) => {
            Some(settings.pick("Bản sao thứ hai đã ghi lại được.", "The second copy is written again.").to_owned())
        }
        (_, CopyState::None | CopyState::Following | CopyState::Failed) => None,
    }
}

/// A line for the operator.
pub fn say(line: &str) {
    // Nobody reads a closed terminal.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line about something that went wrong.
pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn announce(running: &running::Running, settings: &Settings) {
    let language = settings.language;
    let address = running.address;
    say(&match language {
        Language::Vi => format!("Máy chủ Lắng Nghe đang chạy tại http://{address}"),
        Language::En => format!("Lắng Nghe is serving at http://{address}"),
    });
    let pages = running.pages;
    say(&match language {
        Language::Vi => format!("Trang của văn phòng, chỉ mở được trên máy này: http://{pages}"),
        Language::En => format!("The office's pages, for this machine alone: http://{pages}"),
    });
    if running.found == Found::New {
        let folder = quoted(&settings.data);
        say(&match language {
            Language::Vi => format!(
                "Đã lập máy chủ mới trong {folder}. Nếu đã có máy chủ từ trước, hãy dừng lại và ghi đúng --data."
            ),
            Language::En => {
                format!("A new server was made in {folder}. If there is an older one, stop and write its --data.")
            }
        });
    }
    announce_recovery(running.found, settings);
    if let Some(set_aside) = &running.set_aside {
        let set_aside = quoted(set_aside);
        complain(&match language {
            Language::Vi => format!(
                "Bản sao thứ hai có lịch sử khác nên được cất sang {set_aside} và lập lại từ đầu; nếu thiếu dữ liệu, hãy phục hồi từ tệp đó."
            ),
            Language::En => format!(
                "The second copy had another history: it was put aside as {set_aside} and begun anew; if data is missing, restore from that file."
            ),
        });
    }
    if *running.door().copy.borrow() == CopyState::None {
        complain(pick(
            language,
            "Chưa có bản sao thứ hai: \"Máy chủ đã nhận\" chỉ chịu được một sự cố; hãy đặt --second-copy vào ổ đĩa khác.",
            "There is no second copy: \"received\" covers one fault only; set --second-copy to a folder on another disk.",
        ));
    }
    let near = settings.second_copy.as_deref().and_then(|copy| of_nearness(nearness(&settings.data, copy), language));
    near.into_iter().for_each(complain);
}

/// That something went back, and at every start that nobody knows who was sent away: only people end that.
fn announce_recovery(found: Found, settings: &Settings) {
    if found == Found::WentBack {
        complain(settings.pick(
            "Cơ sở dữ liệu cũ hơn lần chạy trước, nên đây là một lần phục hồi: điện thoại sẽ tự gửi lại phần còn thiếu; quyết định mới chờ đến khi mọi máy đã về.",
            "The database is older than at the last run, so this is a recovery: phones bring back what is missing; new decisions wait until all are back.",
        ));
    }
    if sidecar::is_doubted(&settings.membership_file()) {
        complain(&of_blind(settings));
    }
}

/// SIGTERM and ctrl-c ask for a graceful stop, and whoever gave them hears that they were heard.
fn stop_at_signals(stop: Stop, language: Language) -> Result<(), ServerFailed> {
    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
        say(pick(language, "Đang dừng, xin đợi.", "Stopping, please wait."));
        stop.ask(StopReason::Asked);
    });
    Ok(())
}

/// One JSON object a line on standard error, or words where a person reads it. Nothing personal is ever given to it: no
/// names, no ids, no addresses.
fn begin_log(level: Level) {
    let log = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr);
    // A second log in one process is a test's; the first stays.
    let _ = if std::io::stderr().is_terminal() { log.compact().try_init() } else { log.json().try_init() };
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_second_copy_that_fails_is_said_once_and_so_is_its_return() {
        use CopyState::{Failed, Following, None};
        for (change, expected) in [
            ((Following, Following), Option::None),
            ((None, None), Option::None),
            ((Following, Failed), Some("hãy kiểm tra ổ đĩa ấy")),
            ((Failed, Failed), Option::None),
            ((Failed, Following), Some("đã ghi lại được")),
        ] {
            let news = news_of_copy(change, &Settings::of_folder(Path::new("data")));
            assert_eq!(news.is_some(), expected.is_some(), "{change:?}");
            assert!(news.unwrap_or_default().contains(expected.unwrap_or_default()), "{change:?}");
        }
    }
}
