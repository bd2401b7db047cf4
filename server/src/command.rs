//! The commands of `langnghe`, each a function of the settings; `main` only parses and exits.

use std::io::Write;

use tokio::signal::unix::{SignalKind, signal};

use crate::door::{Stop, StopReason};
use crate::failure::ServerFailed;
use crate::folder::Found;
use crate::order::Outcome;
use crate::running;
use crate::settings::{Language, Settings};
use crate::words::pick;

/// Serves until a signal or a newer server ends it.
pub fn serve(settings: &Settings) -> Result<Outcome, ServerFailed> {
    begin_log();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let running = running::start(settings).await?;
        stop_at_signals(running.stop_handle())?;
        announce(&running, settings.language);
        running.until_stopped().await.map(|()| Outcome::Done)
    })
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

fn announce(running: &running::Running, language: Language) {
    let address = running.address;
    say(&match language {
        Language::Vi => format!("Máy chủ Lắng Nghe đang chạy tại http://{address}"),
        Language::En => format!("Lắng Nghe is serving at http://{address}"),
    });
    if running.found == Found::WentBack {
        complain(pick(
            language,
            "Cơ sở dữ liệu cũ hơn lần chạy trước, nên đây là một lần phục hồi: điện thoại sẽ tự gửi lại phần còn thiếu; quyết định mới chờ đến khi mọi máy đã về.",
            "The database is older than at the last run, so this is a recovery: phones bring back what is missing; new decisions wait until all are back.",
        ));
    }
    if *running.door().copy.borrow() == crate::door::CopyState::None {
        complain(pick(
            language,
            "Chưa có bản sao thứ hai: \"Máy chủ đã nhận\" chỉ chịu được một sự cố; hãy đặt --second-copy vào ổ đĩa khác.",
            "There is no second copy: \"received\" covers one fault only; set --second-copy to a folder on another disk.",
        ));
    }
}

/// SIGTERM and ctrl-c ask for a graceful stop.
fn stop_at_signals(stop: Stop) -> Result<(), ServerFailed> {
    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
        stop.ask(StopReason::Asked);
    });
    Ok(())
}

/// One JSON object a line on standard error. Nothing personal is ever given to it: no names, no ids, no addresses.
fn begin_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LANGNGHE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr);
    // A second log in one process is a test's; the first stays.
    let _ = log.try_init();
}
