//! Every limit of the server's door, with its unit and its reason. Limits of messages stand in `model::exchange`, those
//! of the writer's caches beside the caches.

use std::time::Duration;

/// Open connections; more wait in the kernel's backlog. One costs about 40 KB, and a commune has some hundred phones.
pub const CONNECTIONS_MAX: usize = 2_000;

/// Connections of one peer: half of all, so that one stranger never keeps everybody out, and enough for all phones of a
/// commune behind one address or behind the office's own proxy.
pub const PEER_CONNECTIONS_MAX: usize = 1_000;

/// A request's head must be whole by then, so that a silent client does not hold a connection; and a connection on which
/// nothing is asked or answered for so long is closed.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(10);

/// A body must be whole by then: 2 MB over 256 kbit/s take 64 s, and a phone pushes 1 MB at most.
pub const BODY_TIME_MAX: Duration = Duration::from_secs(60);

/// A body of at most [`SMALL_BODY_BYTES_MAX`] must be whole by then.
pub const SMALL_BODY_TIME_MAX: Duration = Duration::from_secs(10);

/// A request must be read and answered by then; a phone has given up long before.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(120);

/// An answer must be taken by then, or the connection is closed: a phone waits no longer for the whole of it.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);

/// Bytes of a connection's buffers, also of a request's head. What is in them when an answer ends must be taken within
/// [`HEAD_TIME_MAX`], so it is little.
pub const BUFFER_BYTES_MAX: usize = 32 * 1024;

/// An answer is handed to the connection in pieces of so many bytes.
pub const PIECE_BYTES_MAX: usize = 16 * 1024;

/// Bytes of a body that is not an exchange; the largest is some 200 bytes.
pub const SMALL_BODY_BYTES_MAX: usize = 4 * 1024;

/// Bytes of bodies held at one time over all connections; beyond it the door says busy.
pub const BODIES_BYTES_MAX: usize = 256 * 1024 * 1024;

/// The same for devices that were never let in, all together: a phone that a restored server has lost is one of them.
pub const STRANGERS_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Bytes of a batch for a box: sixteen envelopes of the largest ballot, and the leaves of a late box.
pub const DROP_BYTES_MAX: usize = 288 * 1024;

/// Bytes of bodies for the boxes held at one time; nobody who brings one is known.
pub const DROPS_BYTES_MAX: usize = 32 * 1024 * 1024;

/// How often the server looks whether a new day has begun, and whether codes are over.
pub const DAY_LOOK_PAUSE: Duration = Duration::from_secs(60);

/// Exchanges of one device under way at one time, from the first byte of the body to the last byte of the answer; a phone
/// has one, and one more where a line broke that the server still holds.
pub const TURNS_MAX: usize = 2;

/// Changes that the engine opens or looks through for one request, before what needs the engine waits for the next one:
/// 73 ms for the 9,000 of the largest paper, so less than half a second (measured 2026-11-23). Refusals cost a hostile
/// member nothing but bytes; a phone's own papers of a year are some hundred changes.
pub const LOOKED_CHANGES_MAX: u64 = 50_000;

/// Fields that cost as much to read as one change to look through: each change has all fields of its paper read, 1.4 ms
/// for 1,900 (measured 2026-11-23).
pub const FIELDS_PER_LOOKED_CHANGE: u64 = 10;

/// Bytes of a paper that cost as much to read, likewise: 1.2 ms for 2 MB in 33 texts.
pub const BYTES_PER_LOOKED_CHANGE: u64 = 16 * 1024;

/// Operations that cost as much to open as one change to look through, 2.4 microseconds each: a change may bring some
/// thousand.
pub const OPERATIONS_PER_OPENED_CHANGE: u64 = 3;

/// Operations of a paper that cost as much to read, likewise: each may be one more value of a disputed field.
pub const OPERATIONS_PER_LOOKED_CHANGE: u64 = 16;

/// Requests unpacked at one time; each may grow to 8 MB, and more than the processors only wait for one another.
pub const UNPACKING_MAX: usize = 4;

/// The same for strangers: some hundred bytes of theirs may become a thousand signatures, and members do not wait for them.
pub const STRANGERS_UNPACKING_MAX: usize = 1;

/// Rows of one space: the papers of a cadre's whole service are some thousand, a province's directory some hundred
/// thousand. Beyond it only what has an old receipt is taken.
pub const SPACE_ROWS_MAX: u64 = 1_000_000;

/// Papers of one person: evaluations of twenty years and as many rounds. Beyond it a member begins no further one, or
/// papers of periods that nobody opened would fill the disk.
pub const SPACE_DOCUMENTS_MAX: u64 = 500;

/// Jobs that wait for the writer. At 200 commits a second this is well under a phone's patience.
pub const QUEUE_JOBS_MAX: usize = 1_024;

/// Bytes of entries that wait for the writer.
pub const QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Exchanges under one commit: enough that 500 phones at once need few commits, few enough to answer within 250 ms.
pub const GROUP_REQUESTS_MAX: usize = 64;

/// Bytes of entries under one commit.
pub const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What a busy door asks for. Phones add their own spread.
pub const RETRY_AFTER_SECONDS: u32 = 2;

/// Challenges not answered yet; the oldest goes first. About 6 MB.
pub const CHALLENGES_MAX: usize = 65_536;

/// A challenge is answered within this time or not at all. Source: security 2.3.
pub const CHALLENGE_TIME: Duration = Duration::from_secs(60);

/// Sessions kept; the one not used for the longest time goes first and is opened again by challenge.
pub const SESSIONS_MAX: usize = 16_384;

/// A session's life. Source: security 2.3.
pub const SESSION_TIME: Duration = Duration::from_secs(15 * 60);

/// Phones that listen for moves at one time; the others ask when they are opened.
pub const LISTENERS_MAX: usize = 1_000;

/// Moves are told at most so often: a burst of pushes is one event.
pub const LISTENER_PAUSE: Duration = Duration::from_millis(250);

/// A quiet line is kept open through address translators, which forget after 30 s.
pub const HEARTBEAT: Duration = Duration::from_secs(25);

/// A listener is sent away then and comes back with a fresh session.
pub const LISTENING_TIME_MAX: Duration = Duration::from_secs(15 * 60);

/// An enrolment code's life. Source: security 2.2.
pub const CODE_TIME_MS: i64 = 15 * 60 * 1_000;

/// So much longer a code lives at most when the clock is set back meanwhile: clocks are set right by seconds all the time,
/// and a code from further ahead is forgotten at the next look.
pub const CODE_CLOCK_MS_MAX: i64 = 60 * 1_000;

/// Codes open at one time; the oldest goes first.
pub const CODES_MAX: u32 = 1_000;

/// Wrong tries that end a code. Source: security 2.2.
pub const CODE_TRIES_MAX: u32 = 5;

/// Devices that wait for the office's approval; beyond it no further code is taken.
pub const WAITING_MAX: u32 = 1_000;

/// Running answers may take so long when the server stops; then the connections are cut and phones ask again.
pub const STOP_TIME_MAX: Duration = Duration::from_secs(10);

/// How often at most the file of heads is forced to disk while commits go on.
pub const HEADS_SYNC_PAUSE: Duration = Duration::from_secs(1);

/// Between two tries of a second copy that failed.
pub const COPY_RETRY_PAUSE: Duration = Duration::from_secs(30);

/// Bytes of one command to the running server through its folder: the file of a ceremony with 100,000 slips has 7 MB.
pub const COMMAND_BYTES_MAX: u32 = 16 * 1024 * 1024;

/// Free space under which `doctor` warns: a commune's year of forms is about 100 MB.
pub const FREE_BYTES_MIN: u64 = 500 * 1024 * 1024;

/// A command must be given and answered within this time.
pub const COMMAND_TIME_MAX: Duration = Duration::from_secs(30);

/// The database is asked at most so often whether another result was published, however many strangers ask for one.
pub const RESULTS_LOOK_PAUSE: Duration = Duration::from_secs(1);

/// Browsers and proxies may keep published pages so long. A result never changes; a recount may be noted beside it.
pub const RESULTS_KEPT_TIME: Duration = Duration::from_secs(5 * 60);

/// Cases on one page of the office's list: at most some 60 kB of HTML, whatever the size of the province.
pub const CASES_PER_PAGE: usize = 100;

/// People in one table of the page of reports, which is printed; the whole table is in its CSV file. All 40,000 would be 20
/// MB of HTML (measured 2026-11-23).
pub const REPORT_PEOPLE_MAX: usize = 500;
