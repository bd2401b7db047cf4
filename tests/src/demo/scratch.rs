//! The story in a process of its own, over a folder that is taken away whatever ends the story.
//!
//! The process that owns the folder writes nothing into it and alone hears a Ctrl-C, so nobody writes any more when it
//! takes the folder away.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Told, failed};

/// The exit code of a program that a Ctrl-C ended.
pub const INTERRUPTED: i32 = 130;

/// Starts this program again with these arguments and, after them, a fresh folder; gives its exit code.
///
/// At a Ctrl-C, a termination or a closed terminal the story's input ends, and with it the story.
pub fn play(arguments: &[&str]) -> Told<i32> {
    let ending = Ending::listen()?;
    let folder = tempfile::Builder::new().prefix("langnghe-demo-").tempdir();
    let folder = folder.map_err(failed("No folder for the demo could be made"))?;
    let program = std::env::current_exe().map_err(failed("The demo does not know its own file"))?;
    let mut story = Command::new(program)
        .args(arguments)
        .arg(folder.path())
        .env("TMPDIR", folder.path())
        .process_group(0)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed("The story did not start"))?;
    let input = story.stdin.take();
    std::thread::spawn(move || {
        ending.wait();
        drop(input);
    });
    let mut errors = story.stderr.take().ok_or("the story says nothing")?;
    // Whoever writes into the folder holds this pipe, the phone that is killed too: its end is the end of them all.
    io::copy(&mut errors, &mut io::stderr()).map_err(failed("The story could not be heard"))?;
    let status = story.wait().map_err(failed("The story did not end"))?;
    folder.close().map_err(failed("The folder of the demo could not be taken away"))?;
    Ok(status.code().unwrap_or(INTERRUPTED))
}

/// Ends this process when its input ends: whoever owns the folder wants to take it away.
pub fn end_with_input() {
    std::thread::spawn(|| {
        // An input that cannot be read has ended too.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(INTERRUPTED);
    });
}

/// The signals that end a demo.
struct Ending {
    runtime: Runtime,
    signals: [Signal; 3],
}

impl Ending {
    /// From now on they no longer end this process at once.
    fn listen() -> Told<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(failed("No runtime could be started"))?;
        let within = runtime.enter();
        let heard = |kind| signal(kind).map_err(failed("Ctrl-C could not be heard"));
        let signals = [heard(SignalKind::interrupt())?, heard(SignalKind::terminate())?, heard(SignalKind::hangup())?];
        drop(within);
        Ok(Self { runtime, signals })
    }

    fn wait(self) {
        let [mut interrupt, mut terminate, mut hangup] = self.signals;
        self.runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        });
    }
}
