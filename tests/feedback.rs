//! What residents say on their own, from a phone without network to an answer under a code, and what of it lies nowhere.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::path::Path;

use model::feedback::answers::AnswerSheet;
use model::feedback::{Feedback, FeedbackAbout, Topic};
use model::membership::Role;
use opener::intake::ReaderKind;
use opener::intake::reading::Decision;
use server::machine;
use server::running::Running;
use tests::ballots::canaries::everything;
use tests::feedback::{
    Desks, Words, answer_sheet, cases, feedback_plan, fetched, found, handle, publish, running_box, take, today,
    wait_a_week,
};
use tests::house::{Handset, House};
use tests::opinion::{Volunteer, announced};

/// A name that a resident types and a reader takes out.
const CANARY: &str = "zqjkvwxh";

async fn volunteer(house: &House, server: &Running, desks: &Desks, seed: u8) -> Volunteer {
    let mut handset = Handset::enrolled(server, seed, house.cadre(usize::from(seed)), Role::Subject).await;
    handset.synchronise(server).await;
    Volunteer::new(handset, &desks.holders)
}

fn words(said: &'static str, about: FeedbackAbout) -> Words {
    Words { topic: Topic::Service, about, said, wants_reply: true }
}

fn screened(said: &Feedback) -> Decision {
    assert!(said.content.contains(CANARY), "the readers see what was said");
    let text = format!("Phục vụ chậm, {}.", said.content.len());
    Decision::Case { text, paraphrase: "Phục vụ chậm.".to_owned(), about: said.about }
}

/// Every file below a folder, and what whoever has its key reads in the server's database.
fn spoils(folder: &Path, bytes: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => spoils(&path, bytes),
            path if path.is_file() => bytes.extend(std::fs::read(path).unwrap()),
            _ => (),
        }
    }
}

/// A29, A49, A50: in no file of the server, the phones and the readers stands a code or a word that was screened out; the
/// resident who has the code reads the answer all the same, also after a restore from a backup made before it was given.
#[tokio::test(flavor = "multi_thread")]
async fn no_word_that_was_screened_out_and_no_code_is_anywhere_but_with_its_resident() {
    machine::live_ahead(0);
    let house = House::new();
    let server = house.opened().await;
    let desks = Desks::of(&feedback_plan(&house, today()));
    announced(&house, &desks.holders).await;
    let mut phones = [volunteer(&house, &server, &desks, 1).await, volunteer(&house, &server, &desks, 2).await];
    let said =
        ["zqjkvwxh nạt tôi", "zqjkvwxh hẹn bốn lần", "zqjkvwxh nói to", "zqjkvwxh về sớm", "zqjkvwxh đòi phong bì"];
    let mut codes = Vec::new();
    for about in [FeedbackAbout::Work, FeedbackAbout::Leaders] {
        for (index, said) in said.into_iter().enumerate() {
            codes.extend(phones[index % 2].listens(&words(said, about)));
        }
    }
    assert_eq!(codes.len(), 10);
    for phone in &mut phones {
        phone.seals();
        assert!(phone.delivers(&server, today()).await > 0);
    }
    let round = desks.round().id.to_string();
    wait_a_week();
    let so_far = running_box(&house, &round, "hom.lnhp").await;
    for kind in [ReaderKind::Intake, ReaderKind::Holders] {
        let packet = desks.read(kind, &so_far, screened).unwrap();
        assert_eq!(take(&house, &packet).await, Some(5));
        assert_eq!(take(&house, &packet).await, None, "a packet counts once");
        assert!(desks.read(kind, &so_far, screened).is_none(), "and a text is read once");
    }
    for case in cases(&house).await {
        handle(&house, &case, "Đã nhắc nhở và đổi lịch trực.").await;
    }
    for kind in [ReaderKind::Intake, ReaderKind::Holders] {
        let sheet = answer_sheet(&house, &round, kind).await;
        let answers = AnswerSheet::read(&std::fs::read(&sheet).unwrap()).unwrap().answers;
        assert_eq!(answers.len(), 5, "the intake reads no answer about the leaders");
        publish(&house, &round, &desks.reply(kind, &sheet)).await;
    }
    let files = fetched(&server).await;
    for code in &codes {
        assert_eq!(found(&files, code).as_deref(), Some("Đã nhắc nhở và đổi lịch trực."), "{code}");
    }
    server.stop().await.unwrap();
    let mut bytes = Vec::new();
    spoils(house.folder.path(), &mut bytes);
    spoils(desks.folder(), &mut bytes);
    phones.iter().for_each(|phone| bytes.extend(everything(phone.handset.store.reader())));
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds("Đã nhắc nhở".as_bytes()), "the search finds what is there");
    assert!(!holds(CANARY.as_bytes()), "a word that was screened out");
    for code in &codes {
        let first_groups = &code[..9];
        assert!(!holds(first_groups.as_bytes()) && !holds(first_groups.replace(' ', "").as_bytes()), "a code");
    }
}
