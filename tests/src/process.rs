//! Processes of our own that speak line by line: the real server, and phones that run apart. Each is ended by its own
//! handle only.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::demo::{Told, failed};

/// A process and the lines that it prints.
pub struct Spoken {
    child: Child,
    lines: Option<BufReader<ChildStdout>>,
}

impl Spoken {
    /// Starts a command.
    pub fn start(command: &mut Command) -> Told<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed("No process"))?;
        let lines = child.stdout.take().map(BufReader::new);
        Ok(Self { child, lines })
    }

    /// Starts this very program with other arguments.
    pub fn again(arguments: &[&str]) -> Told<Self> {
        let program = std::env::current_exe().map_err(failed("The program does not know its own file"))?;
        Self::start(Command::new(program).args(arguments))
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Says a line to it.
    pub fn tell(&mut self, line: &str) -> Told<()> {
        let ear = self.child.stdin.as_mut().ok_or("the process does not listen")?;
        ear.write_all(format!("{line}\n").as_bytes()).map_err(failed("A process does not listen"))
    }

    /// The next line; an error if the process ended before it.
    pub fn line(&mut self) -> Told<String> {
        let lines = self.lines.as_mut().ok_or("the lines are read elsewhere")?;
        let mut line = String::new();
        match lines.read_line(&mut line) {
            Ok(0) => Err("A process ended before it said what was expected of it.".to_owned()),
            Ok(_) => Ok(line.trim_end().to_owned()),
            Err(error) => Err(format!("A process cannot be heard: {error}")),
        }
    }

    /// Hands the lines to somebody else.
    pub fn take_lines(&mut self) -> Option<BufReader<ChildStdout>> {
        self.lines.take()
    }

    /// Ends it by signal 9, as a crash or the system would.
    pub fn kill(mut self) -> Told<()> {
        self.child.kill().map_err(failed("A process could not be killed"))?;
        self.child.wait().map_err(failed("A process did not end"))?;
        Ok(())
    }

    /// Waits until it ends by itself.
    pub fn finish(mut self) -> Told<()> {
        let status = self.child.wait().map_err(failed("A process did not end"))?;
        if status.success() { Ok(()) } else { Err(format!("A process failed: {status}")) }
    }
}

impl Drop for Spoken {
    /// A run that fails leaves nobody behind.
    fn drop(&mut self) {
        // One that has ended already is no failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the real server over a folder, on a free port; where it listens.
pub fn serve(folder: &Path) -> Told<(Spoken, SocketAddr)> {
    let own = std::env::current_exe().map_err(failed("The program does not know its own file"))?;
    let program = own.with_file_name("langnghe");
    if !program.is_file() {
        return Err("The server's program is not built; run it through cargo xtask.".to_owned());
    }
    let mut command = Command::new(program);
    command.args(["serve", "--port", "0", "--language", "en", "--data"]).arg(folder);
    command.env("LANGNGHE_LOG", "error").stderr(Stdio::null());
    let mut server = Spoken::start(&mut command)?;
    let line = server.line()?;
    let address = line.rsplit("http://").next().and_then(|address| address.parse().ok());
    Ok((server, address.ok_or_else(|| format!("The server said: {line}"))?))
}
