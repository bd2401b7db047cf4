//! The third chapter: residents say something of their own, and find the answer with a code that is never sent.

use model::feedback::{Feedback, FeedbackAbout, Topic};
use model::membership::Role;
use opener::intake::ReaderKind;
use opener::intake::reading::Decision;
use server::machine;

use super::story::say;
use super::{Told, failed};
use crate::feedback::{
    Desks, Words, answer_sheet, cases, feedback_plan, fetched, found, handle, listed, publish, running_box, take,
    today, wait_a_week,
};
use crate::house::{Handset, House};
use crate::opinion::{Volunteer, announced};

const PHONES: u8 = 3;

/// What residents say about services and the street; the first two wait for an answer.
const OPEN: [(&str, Topic, bool); 6] = [
    ("Đèn đường ngõ 12 hỏng ba tháng nay, bà Tư đi lễ sớm bị ngã.", Topic::Works, true),
    ("Bộ phận một cửa hẹn trả giấy khai sinh ba lần không đúng hẹn.", Topic::Procedures, true),
    ("Rác đổ đầu ngõ từ thứ bảy đến thứ ba.", Topic::Environment, false),
    ("Loa phường mở từ năm giờ sáng.", Topic::Other, false),
    ("Giờ tiếp dân không niêm yết.", Topic::Openness, false),
    ("Tôi tố cáo ông Ba nhận tiền làm sổ đỏ.", Topic::Land, false),
];

/// What they say about people and leaders; the first waits for an answer.
const PROTECTED: [&str; 5] = [
    "Lãnh đạo xã chưa trả lời dân về dự án chợ.",
    "Cán bộ tiếp tôi rất cáu gắt.",
    "Họp dân mà chủ tịch không dự.",
    "Văn phòng Mặt trận đóng cửa giờ hành chính.",
    "Cán bộ này giúp tôi rất tận tình.",
];

/// Plays it in a house of its own.
pub fn tell() -> Told<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(failed("No runtime could be started"))?.block_on(tell_within())
}

async fn tell_within() -> Told<()> {
    machine::live_ahead(0);
    let house = House::new();
    let server = house.opened().await;
    let desks = Desks::of(&feedback_plan(&house, today()));
    announced(&house, &desks.holders).await;
    let mut volunteers = Vec::new();
    for phone in 0..PHONES {
        let member = house.cadre(usize::from(phone));
        let mut handset = Handset::enrolled(&server, 200 + phone, member, Role::Subject).await;
        handset.synchronise(&server).await;
        volunteers.push(Volunteer::new(handset, &desks.holders));
    }
    let codes = listen(&house, &mut volunteers);
    say(&format!(
        "{} residents say something of their own, without a slip. {} ask for an answer: each phone shows its code once and \
         keeps nothing of it.",
        OPEN.len() + PROTECTED.len(),
        codes.len()
    ));
    for volunteer in &mut volunteers {
        volunteer.seals();
        if volunteer.delivers(&server, today()).await == 0 {
            return Err("A box was not taken.".to_owned());
        }
    }
    let round = desks.round().id.to_string();
    wait_a_week();
    say("A week goes by: what so few said is given to its readers after five working days, all at once.");
    let so_far = running_box(&house, &round, "hom.lnhp").await;
    for kind in [ReaderKind::Intake, ReaderKind::Holders] {
        let packet = desks.read(kind, &so_far, screened).ok_or("There was nothing to read.")?;
        let new = take(&house, &packet).await.ok_or("The packet was taken before.")?;
        let (who, what) = match kind {
            ReaderKind::Intake => ("The intake", "services and the street"),
            ReaderKind::Holders => ("Two of three holders", "people and leaders"),
        };
        say(&format!("{who} read what was said about {what}, in random order. {new} screened texts go to the office."));
    }
    say("One was a denunciation: a number is left of it, and its writer would be told where it belongs.");
    for case in cases(&house).await {
        handle(&house, &case, &format!("Đã xử lý: {}", case.paraphrase)).await;
    }
    for kind in [ReaderKind::Intake, ReaderKind::Holders] {
        let sheet = answer_sheet(&house, &round, kind).await;
        publish(&house, &round, &desks.reply(kind, &sheet)).await;
    }
    let files = fetched(&server).await;
    for code in &codes {
        let answer = found(&files, code).ok_or("A code found no answer.")?;
        say(&format!("With {code} a resident reads, without asking anybody: “{answer}”"));
    }
    server.stop().await.map_err(failed("The server did not stop cleanly"))
}

/// Everybody speaks; the codes of those who wait.
fn listen(house: &House, volunteers: &mut [Volunteer]) -> Vec<String> {
    let open = OPEN.into_iter().enumerate().map(|(index, (said, topic, wants_reply))| {
        let about = if index % 2 == 0 { FeedbackAbout::Street } else { FeedbackAbout::Work };
        Words { topic, about, said, wants_reply }
    });
    let person = FeedbackAbout::Person { person: listed(house) };
    let abouts = [FeedbackAbout::Leaders, person, FeedbackAbout::Leaders, FeedbackAbout::FrontOffice, person];
    let protected = PROTECTED.into_iter().zip(abouts).enumerate().map(|(index, (said, about))| Words {
        topic: Topic::Service,
        about,
        said,
        wants_reply: index == 0,
    });
    let phones = volunteers.len();
    let said = open.chain(protected).enumerate();
    said.filter_map(|(index, words)| volunteers[index % phones].listens(&words)).collect()
}

/// What a careful reader makes of a text.
fn screened(said: &Feedback) -> Decision {
    let about = said.about;
    let said = said.content.as_str();
    if said.contains("tố cáo") {
        return Decision::Denounced;
    }
    let (text, paraphrase) = match said {
        said if said.contains("Đèn") => ("Đèn đường trong ngõ hỏng đã lâu.", "Người dân phản ánh đèn đường hỏng."),
        said if said.contains("khai sinh") => {
            ("Trả giấy tờ không đúng hẹn.", "Người dân phản ánh trả giấy tờ trễ hẹn.")
        }
        said if said.contains("dự án chợ") => {
            ("Mong được trả lời về dự án chợ.", "Người dân mong được trả lời về dự án chợ.")
        }
        said => (said, "Người dân góp ý về việc phục vụ."),
    };
    Decision::Case { text: text.to_owned(), paraphrase: paraphrase.to_owned(), about }
}
