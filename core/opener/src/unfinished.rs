//! Files of a ceremony that is not finished: wiped whenever it ends in another way than by its end.
//!
//! An error wipes them as it unwinds; a signal ends the program without unwinding, so that [`watch`] wipes them in a
//! thread of its own and gives the terminal back its echo. Source: anonymity A1.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::signal::unix::{SignalKind, signal};

use crate::desk::{complain, give_echo_back};
use crate::failure::OpenerFailed;
use crate::files::wipe;

/// Of all ceremonies of this process: what a signal wipes.
static FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The files of one ceremony until it is finished; dropping it wipes them.
#[derive(Default)]
pub struct Unfinished {
    files: Vec<PathBuf>,
}

impl Unfinished {
    /// Writes files and takes care of them. A signal waits until they are written: one that came in between would find
    /// nothing to wipe yet.
    pub fn written<T>(&mut self, paths: &[PathBuf], write: impl FnOnce() -> T) -> T {
        let mut files = files();
        self.files.extend_from_slice(paths);
        files.extend_from_slice(paths);
        write()
    }

    /// Leaves the files where they are.
    pub fn keep(mut self) {
        self.forget();
    }

    fn forget(&mut self) -> Vec<PathBuf> {
        let own = std::mem::take(&mut self.files);
        files().retain(|file| !own.contains(file));
        own
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        wipe_all(&self.forget());
    }
}

/// From now on a signal that ends the program ends it in order.
pub fn watch() -> Result<(), OpenerFailed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|_| OpenerFailed::NoWatch)?;
    let listening = {
        let _inside = runtime.enter();
        [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal)
    };
    let [Ok(mut interrupted), Ok(mut terminated), Ok(mut hung_up)] = listening else {
        return Err(OpenerFailed::NoWatch);
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupted.recv() => (),
                _ = terminated.recv() => (),
                _ = hung_up.recv() => (),
            }
        });
        end();
    });
    Ok(())
}

fn end() -> ! {
    give_echo_back();
    // Held until the end, so that no file is added after the others are gone.
    let files = files();
    wipe_all(&files);
    complain(match files.is_empty() {
        true => "\nĐã dừng giữa chừng.",
        false => {
            "\nĐã dừng giữa chừng: phần khóa và mã lá thăm vừa lập đã bị xóa. Tờ đã in không dùng được, hãy hủy; phải làm lại buổi lập khóa từ đầu."
        }
    });
    std::process::exit(1)
}

/// A file that was not written yet needs no wiping; one that cannot be wiped is named.
fn wipe_all(files: &[PathBuf]) {
    for file in files.iter().filter(|file| file.symlink_metadata().is_ok()) {
        if wipe(file).is_err() {
            complain(&format!("Không xóa được {}; hãy xóa tay ngay bây giờ.", file.display()));
        }
    }
}

fn files() -> MutexGuard<'static, Vec<PathBuf>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finished_is_wiped_and_what_is_finished_stays() {
        let folder = tempfile::tempdir().unwrap();
        let [left, kept] = ["left", "kept"].map(|name| folder.path().join(name));
        for path in [&left, &kept] {
            std::fs::write(path, b"codes").unwrap();
        }
        let mut ceremony = Unfinished::default();
        ceremony.written(&[left.clone(), folder.path().join("never written")], || ());
        drop(ceremony);
        let mut ceremony = Unfinished::default();
        ceremony.written(std::slice::from_ref(&kept), || ());
        ceremony.keep();
        assert!(!left.exists() && kept.exists());
    }
}
