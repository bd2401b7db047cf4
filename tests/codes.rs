//! How long an enrolment code lives when the server's clock is set right. A real server over real files.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use ed25519_dalek::SigningKey;
use model::enrolment::{EnrolmentCode, EnrolmentRequest};
use model::membership::Role;
use server::limits::{CODE_CLOCK_MS_MAX, CODE_TIME_MS};
use server::running::Running;
use server::{enrolment, machine};
use tests::house::{House, act};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// What happens to a code after it was made, by the clock of each moment.
enum Then {
    /// Somebody asks with another one.
    OtherCode(i64),
    /// The server looks through the codes, as it does from time to time.
    Look(i64),
    /// A phone asks with it; whether it may wait.
    Asked(i64, bool),
}

async fn check(server: &Running, house: &House, (made_ms, then): (i64, &[Then])) {
    let (person, identity) = (house.cadre(2), server.identity);
    let asks = |code: [u8; 16]| {
        let text = EnrolmentCode { address: "http://127.0.0.1".to_owned(), server: identity, code };
        EnrolmentRequest::sign(&text, &SigningKey::from_bytes(&machine::random()), [1; 16])
    };
    let code: [u8; 16] = machine::random();
    act(server, move |office| enrolment::keep_code(office.reader(), &code, (person, Role::Subject), made_ms)).await;
    for then in then {
        let (asked, now_ms, expected) = match then {
            Then::Look(now_ms) => {
                let now_ms = *now_ms;
                act(server, move |office| enrolment::forget_codes(office.reader(), now_ms)).await;
                continue;
            }
            Then::OtherCode(now_ms) => (asks(machine::random()), *now_ms, false),
            Then::Asked(now_ms, expected) => (asks(code), *now_ms, *expected),
        };
        let waits = act(server, move |office| enrolment::enrol(office, &asked, now_ms)).await.is_some();
        assert_eq!(waits, expected, "made at {made_ms}, asked at {now_ms}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_lives_no_longer_because_the_clock_was_ahead() {
    let house = House::new();
    let server = house.opened().await;
    let now = machine::now_ms();
    let (ahead, small) = (now + DAY_MS, now + CODE_CLOCK_MS_MAX);
    for case in [
        (now, &[Then::Asked(now + CODE_TIME_MS - 1, true)][..]),
        (now, &[Then::Asked(now + CODE_TIME_MS, false)]),
        // Set right by a whole day: the code does not live that day longer, nor once more when the day has come.
        (ahead, &[Then::Asked(now, false), Then::Asked(ahead + 1, false)]),
        (ahead, &[Then::OtherCode(now), Then::Asked(ahead + 1, false)]),
        (ahead, &[Then::Look(now), Then::Asked(ahead + 1, false)]),
        // Clocks are set right by a little all the time.
        (small, &[Then::Look(now), Then::Asked(now, true)]),
        (small + 1, &[Then::Asked(now, false)]),
        // One that was behind takes the code with it: a new one is made.
        (now - DAY_MS, &[Then::Asked(now, false)]),
    ] {
        check(&server, &house, case).await;
    }
    let left = act(&server, move |office| enrolment::codes(office.reader(), now + CODE_TIME_MS)).await;
    assert_eq!(left, 0);
    server.stop().await.unwrap();
}
