//! This machine: its clock, its randomness, what it keeps off the disk. The only place of the opener that asks for any.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use model::time::{Day, Timestamp};
use rand_core::CryptoRng;

/// The randomness of the operating system, which cannot fail once it has started.
pub fn randomness() -> impl CryptoRng {
    UnwrapErr(SysRng)
}

/// Random bytes of the operating system.
pub fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness once it has started");
    bytes
}

/// Today in Vietnam; before 1970 reads as 1970.
pub fn today() -> Day {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_utc_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)).vietnamese_day()
}

/// No memory of this process in a crash file or before a debugger, and none on a swap disk where the system lets it
/// stay. What the system refuses is not asked again: [`swaps`] says what is left to say.
#[cfg(target_os = "linux")]
pub fn keep_memory_to_itself() {
    use rustix::mm::{MlockAllFlags, mlockall};
    use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // With a limit, every later allocation above it would fail, and counting with it.
    if getrlimit(Resource::Memlock).current.is_none() {
        let _ = mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE);
    }
}

/// Elsewhere the safe libraries that we use have no door to it.
#[cfg(not(target_os = "linux"))]
pub fn keep_memory_to_itself() {}

/// Whether memory may be written to a disk by the system.
pub fn swaps() -> bool {
    let listed = std::fs::read_to_string("/proc/swaps").unwrap_or_default();
    listed.lines().count() > 1
}

/// Whether a network other than the machine's own is up. Where that cannot be known it counts as up.
pub fn is_online() -> bool {
    let Ok(interfaces) = std::fs::read_dir("/sys/class/net") else { return true };
    let is_up = |folder: &Path| {
        let state = std::fs::read_to_string(folder.join("operstate")).unwrap_or_default();
        !folder.ends_with("lo") && state.trim() != "down"
    };
    interfaces.flatten().any(|interface| is_up(&interface.path()))
}
