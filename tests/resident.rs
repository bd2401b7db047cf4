//! A resident at a volunteer's phone, through the app's only door.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::enrolment::EnrolmentCode;
use model::membership::Role;
use model::round::state::RoundState;
use model::time::Timestamp;
use phone::failure::Failure;
use phone::sync::http::Cancel;
use phone::views::ballot::{BallotAnswer, ShownSlip, Telling};
use server::{enrolment, machine};
use tests::demo::pocket::Pocket;
use tests::house::{House, act};
use tests::opinion::{Holders, announced, plan};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resident_answers_with_the_slip_alone_and_the_volunteer_carries_what_is_sealed() {
    let house = House::new();
    let server = house.opened().await;
    let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day();
    let holders = Holders::of(&plan(&house.commune, today, [0, 2]));
    let (round, print) = (holders.definition().id, holders.definition().fingerprint());
    announced(&house, &holders).await;
    let (code, lan) = ([5; 16], house.cadre(2));
    let keep = move |office: &mut server::office::Office| {
        enrolment::keep_code(office.reader(), &code, (lan, Role::Subject), machine::now_ms())
    };
    act(&server, keep).await;
    let code = EnrolmentCode { address: format!("https://{}", server.address), server: server.identity, code };
    let folder = tempfile::tempdir().unwrap();
    let pocket = Pocket::open(folder.path(), "Lan").unwrap();
    let pocket = tokio::task::spawn_blocking(move || {
        pocket.enrol(&code.to_string()).unwrap();
        pocket
    });
    let pocket = pocket.await.unwrap();
    let waiting = act(&server, |office| enrolment::waiting(office.reader())).await;
    let (device, nonce) = (model::entry::device_id(&waiting[0].key), waiting[0].nonce);
    act(&server, move |office| enrolment::approve(office, (device, &nonce), machine::moment())).await.unwrap();

    let slips: Vec<_> = holders.bag(1).into_iter().take(6).collect();
    let typed = |slip: &model::slip::SlipSecret| ShownSlip::Typed { text: slip.groups(&print).join(" ") };
    let shown: Vec<ShownSlip> = slips.iter().map(typed).collect();
    let groups = slips[0].groups(&print);
    let left = tokio::task::spawn_blocking(move || {
        pocket.join().unwrap();
        let phone = &pocket.phone;
        let rounds = phone.rounds().unwrap();
        assert_eq!((rounds.len(), rounds[0].state, rounds[0].cast), (1, RoundState::Open, 0));
        assert!(rounds[0].is_consultative && rounds[0].areas.len() == 2);
        assert_eq!(phone.is_slip_group_right(round, groups[0].clone(), 1), Ok(true));
        // The last symbol checks the other three: of its thirty-two values one is right.
        let mistyped = format!("{}{}", &groups[0][..3], if groups[0].ends_with('A') { 'B' } else { 'A' });
        assert_eq!(phone.is_slip_group_right(round, mistyped, 1), Ok(false));

        let questions = phone.begin_ballot(round, shown[0].clone()).unwrap();
        assert!(phone.ballot_question(0).is_ok_and(|asked| asked.given.is_none() && asked.options.len() == 3));
        phone.answer_ballot(0, BallotAnswer::Option { index: 1 }).unwrap();
        phone.answer_ballot(1, BallotAnswer::Blank).unwrap();
        phone.leave_ballot();
        assert!(phone.ballot_question(0).is_err(), "nothing is in memory");
        assert_eq!(phone.begin_ballot(round, shown[1].clone()), Err(Failure::AnswersWait));
        assert_eq!(phone.begin_ballot(round, shown[0].clone()), Ok(questions));
        assert!(phone.ballot_question(0).is_ok_and(|asked| asked.given == Some(BallotAnswer::Option { index: 1 })));
        phone.start_ballot_over().unwrap();
        assert!(phone.ballot_question(0).is_ok_and(|asked| asked.given.is_none()));
        phone.cast_ballot().unwrap();
        for slip in &shown[1..] {
            phone.begin_ballot(round, slip.clone()).unwrap();
            (0..questions).for_each(|index| phone.answer_ballot(index, BallotAnswer::Option { index: 0 }).unwrap());
            phone.cast_ballot().unwrap();
        }
        assert_eq!(phone.tellings("Nhà tôi ở ngõ 12".to_owned()), [Telling::Address]);

        phone.note_issued(round, 1, vec![3, 1, 2, 6, 5, 4]).unwrap();
        let sealed = phone.seal_box(round).unwrap();
        assert!(sealed.seal.is_some() && (sealed.cast, sealed.waiting) == (6, 6));
        assert_eq!(phone.begin_ballot(round, shown[0].clone()), Err(Failure::RoundClosed));
        assert_eq!(phone.papers(None, 50), Ok(Vec::new()), "what a phone says of a round is no paper of the cadre");
        pocket.send().unwrap();
        assert!(phone.next_delivery().unwrap().is_some());
        assert_eq!(phone.deliver(Cancel::new()), Ok(1), "the closing day waits for nothing");
        (phone.rounds().unwrap()[0].waiting, pocket)
    })
    .await
    .unwrap();
    assert_eq!(left.0, 6, "nothing is forgotten before a list names it");
    let recorded = act(&server, move |office| {
        let recorded = server::rounds::recorded::Recorded::read(office.reader(), round, None)?;
        Ok((recorded.phones(), recorded.issued().slips.into_values().collect::<Vec<_>>()))
    });
    assert_eq!(recorded.await, ((1, 1), vec![6]));
    let boxes = std::sync::Arc::clone(&server.door().boxes);
    let frozen = tokio::task::spawn_blocking(move || {
        assert!(boxes.freeze(round, today.plus_days(3).unwrap()).unwrap());
        boxes.list(round).unwrap().len()
    });
    assert_eq!(frozen.await.unwrap(), 6);
    let pocket = left.1;
    let left = tokio::task::spawn_blocking(move || {
        pocket.phone.deliver(Cancel::new()).unwrap();
        pocket.phone.rounds().unwrap()[0].waiting
    });
    assert_eq!(left.await.unwrap(), 0);
    server.stop().await.unwrap();
}
