//! The people of one evaluation case, each with a phone: who is appointed to what, and what they sign.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on says where")]

pub mod chamber;
pub mod matrix;
pub mod ordinary;
pub mod pen;
pub mod table;
pub mod world;

use model::appointment::Appointment;
use model::case::CaseState;
use model::case::filed::subject;
use model::case::paper::PaperKind;
use model::decision::Decisions;
use model::directory::{DirectoryItem, ItemKind};
use model::document::{DocumentKind, Edit, Scalar};
use model::form::FormTemplate;
use model::form::built_in;
use model::form::kind::QuestionKind;
use model::hash::EntryHash;
use model::identity::{ParagraphId, PersonId};
use model::membership::Role;
use model::minutes::{self, paragraph_edits};
use model::paper::Heading;
use model::refusal::Refusal;
use model::self_assessment::fields::answer_name;
use model::space::{case_space, minutes_space, person_space};
use model::time::{Day, Timestamp};
use phone::store::documents;
use phone::work::{Act, Paper};
use server::machine;
use server::running::Running;

use crate::house::{Handset, House, act};

/// Who holds which role over the cadre, as places in the list of the commune's people; the cadre is at [`SUBJECT`].
pub const CAST: [(Role, usize); 8] = [
    (Role::Head, 0),
    (Role::PersonnelOffice, 8),
    (Role::PartyCommittee, 9),
    (Role::FrontHead, 10),
    (Role::Secretary, 4),
    (Role::Authority, 16),
    (Role::Supervisor, 11),
    (Role::FormerHead, 20),
];

/// The cadre whose case it is.
pub const SUBJECT: usize = 3;

/// Everybody in one case.
pub struct Cast {
    phones: Vec<(Role, Handset)>,
    cycle: model::identity::CycleId,
    person: PersonId,
    /// Steps taken so far: each at a later moment, or the same step again would be the same entry.
    taken: i64,
}

/// What the office publishes so that cases are held: who is appointed to what, and the forms of all papers.
pub fn appointments(house: &House) -> Vec<DirectoryItem> {
    let commune = house.commune.units[0].id;
    let appointed = CAST.iter().map(|(role, place)| {
        let unit = if *role == Role::Head { house.commune.units[1].id } else { commune };
        let from = Day::parse("2026-01-01").unwrap();
        Appointment { person: house.cadre(*place), role: *role, unit, over: None, from, to: None }
    });
    let item = |kind, code, body| DirectoryItem { kind, code, body };
    let appointed =
        appointed.map(|held| item(ItemKind::Appointment, format!("{:?} {}", held.role, held.person), held.to_json()));
    let forms = built_in::all().into_iter();
    let forms = forms.map(|form| item(ItemKind::Form, format!("{} {}", form.code, form.version), form.to_json()));
    appointed.chain(forms).collect()
}

/// The shipped form of a paper.
pub fn form_of(kind: PaperKind) -> FormTemplate {
    built_in::all().into_iter().find(|form| Some(form.code.as_str()) == kind.form_code()).unwrap()
}

/// Answers as they are typed, as the document holds them.
pub(crate) fn typed(form: &FormTemplate, answers: &[(&str, &str)]) -> Vec<Edit> {
    let edit = |(key, text): &(&str, &str)| {
        let question = form.question(key).unwrap_or_else(|| panic!("{} has no question {key}", form.code));
        let value = match question.kind {
            QuestionKind::Acknowledgement => Scalar::Flag(true),
            _ => Scalar::Text((*text).to_owned()),
        };
        Edit { field: answer_name(key), value: Some(value) }
    };
    answers.iter().map(edit).collect()
}

impl Cast {
    /// Lets everybody in with a phone.
    pub async fn of(house: &House, server: &Running) -> Self {
        Self::with(house, server, &CAST).await
    }

    /// Appoints everybody, and lets in the cadre and these with a phone.
    pub async fn with(house: &House, server: &Running, let_in: &[(Role, usize)]) -> Self {
        let items = appointments(house);
        act(server, move |office| office.publish(&items, machine::moment())).await;
        let mut phones = Vec::new();
        for (seed, (role, place)) in (1_u8..).zip([(Role::Subject, SUBJECT)].iter().chain(let_in).copied()) {
            phones.push((role, Handset::enrolled(server, seed, house.cadre(place), Role::Subject).await));
        }
        Self { phones, cycle: house.commune.cycle.id, person: house.cadre(SUBJECT), taken: 0 }
    }

    pub fn phone(&mut self, role: Role) -> &mut Handset {
        &mut self.phones.iter_mut().find(|(held, _)| *held == role).unwrap().1
    }

    /// Everybody sends and receives.
    pub async fn synchronise(&mut self, server: &Running) {
        for (_, phone) in &mut self.phones {
            phone.synchronise(server).await;
        }
    }

    /// The case, as everybody in it names it.
    pub fn case(&mut self) -> Paper {
        let server = self.phone(Role::Subject).parties.server;
        let space = case_space(&server, self.cycle, self.person);
        Paper { space, document: DocumentKind::Case.document_about(space, &subject(self.cycle, self.person)) }
    }

    /// The minutes of the review, as everybody who writes them names them.
    pub fn minutes(&mut self) -> Paper {
        let server = self.phone(Role::Subject).parties.server;
        let space = minutes_space(&server, self.cycle, self.person);
        Paper { space, document: DocumentKind::Minutes.document_about(space, &subject(self.cycle, self.person)) }
    }

    /// What a phone knows of the case; none if it is not in it.
    pub fn seen(&mut self, role: Role) -> Option<Decisions> {
        let case = self.case();
        let row = documents::find(self.phone(role).store.reader(), case.space, case.document).unwrap();
        row.map(|row| row.decisions)
    }

    /// Where the case is for a phone.
    pub fn state(&mut self, role: Role) -> Option<CaseState> {
        self.seen(role)?.status.map(|status| status.to)
    }

    /// Fills in a paper and signs it, without a network.
    pub fn signs(&mut self, role: Role, kind: PaperKind, answers: &[(&str, &str)]) -> EntryHash {
        let (form, cycle, person) = (form_of(kind), self.cycle, self.person);
        if kind.is_shared() {
            let minutes = self.minutes();
            let heading = minutes::Heading { cycle, person, form: form.pin() };
            let said = paragraph_edits(ParagraphId::from_bytes([1; 16]), 0, "Cuộc họp nhất trí.");
            let phone = self.phone(role);
            phone.edit(minutes, &[heading.edits(), typed(&form, answers), said].concat());
            return phone.submit(minutes, EntryHash::from_bytes(*form.pin().fingerprint.as_bytes()));
        }
        let phone = self.phone(role);
        let author = phone.author.person;
        let heading = Heading { kind, cycle, person, author, form: form.pin() };
        let space = person_space(&phone.parties.server, author);
        let paper = Paper { space, document: DocumentKind::Paper.document_about(space, &heading.subject()) };
        phone.edit(paper, &[heading.edits(), typed(&form, answers)].concat());
        phone.submit(paper, EntryHash::from_bytes(*form.pin().fingerprint.as_bytes()))
    }

    /// Takes a step of the case, without a network.
    pub fn steps(&mut self, role: Role, to: CaseState, reason: Option<&str>) -> EntryHash {
        let case = self.case();
        self.taken += 1;
        let claimed = Timestamp::from_utc_ms(self.taken);
        let phone = self.phone(role);
        let act = Act { store: &mut phone.store, author: &phone.author, claimed };
        phone.work.decide(act, case, (to, reason.map(str::to_owned))).unwrap()
    }

    /// Signs and sends; why the server refused, if it did.
    pub async fn files(
        &mut self,
        server: &Running,
        (role, kind): (Role, PaperKind),
        answers: &[(&str, &str)],
    ) -> Option<Refusal> {
        let signed = self.signs(role, kind, answers);
        let phone = self.phone(role);
        phone.synchronise(server).await;
        phone.held(&signed).refusal
    }

    /// Takes a step and sends it; why the server refused, if it did.
    pub async fn goes_on(&mut self, server: &Running, role: Role, to: CaseState) -> Option<Refusal> {
        self.phone(role).synchronise(server).await;
        let step = self.steps(role, to, Some("Thiếu minh chứng mục B."));
        let phone = self.phone(role);
        phone.synchronise(server).await;
        phone.held(&step).refusal
    }

    /// The cadre fills in the self-assessment, or changes it, and submits.
    pub async fn submits(&mut self, house: &House, server: &Running, edits: &[Edit]) -> Option<Refusal> {
        let paper = house.paper(server, self.person).await;
        let form = house.form();
        let phone = self.phone(Role::Subject);
        phone.edit(paper, edits);
        let submitted = phone.submit(paper, form);
        phone.synchronise(server).await;
        phone.held(&submitted).refusal
    }
}

/// What each paper says in the story, complete.
pub fn answers(kind: PaperKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        PaperKind::ResidenceOpinion => &[
            ("purpose", "annual"),
            ("meeting_date", "2026-12-02"),
            ("voters_total", "80"),
            ("voters_present", "41"),
            ("compliance", "good"),
            ("participation", "fair"),
            ("attitude", "good"),
            ("contact", "good"),
            ("exemplary_role", "good"),
            ("agree", "38"),
            ("disagree", "1"),
            ("no_opinion", "2"),
            ("acknowledgement", ""),
        ],
        PaperKind::Minutes => &[
            ("meeting_date", "2026-12-05"),
            ("meeting_time", "8:30"),
            ("place", "Hội trường Ủy ban"),
            ("summoned", "8"),
            ("present", "7"),
            ("chair", "Nguyễn Văn Hòa"),
            ("secretary", "Lê Thị Thu"),
        ],
        PaperKind::PartyComment => &[("comment", "Chấp hành tốt sự phân công của chi bộ.")],
        PaperKind::HeadComment => &[
            ("strengths", "Chủ động, đúng hẹn."),
            ("weaknesses", "Còn nể nang khi góp ý."),
            ("outcome", "rated"),
            ("proposed_rating", "hoan_thanh_tot"),
        ],
        PaperKind::Decision => &[
            ("decision_number", "12/QĐ-UBND"),
            ("decision_date", "2026-12-10"),
            ("sequence", "1"),
            ("legal_basis", "Nghị định 335/2025/NĐ-CP"),
            ("authority", "Ủy ban nhân dân xã"),
            ("outcome", "rated"),
            ("rating", "hoan_thanh"),
            ("signer", "Trần Thị Bình"),
        ],
        PaperKind::Notice => &[
            ("notice_date", "2026-12-11"),
            ("decision_number", "12/QĐ-UBND"),
            ("outcome", "rated"),
            ("rating", "hoan_thanh"),
            ("summary", "Hoàn thành nhiệm vụ."),
            ("appeal_how", "Gửi văn bản đến bộ phận tổ chức."),
            ("appeal_until", "2026-12-21"),
        ],
        PaperKind::Appeal => &[
            ("appeal_date", "2026-12-12"),
            ("decision_number", "12/QĐ-UBND"),
            ("text", "Chưa tính nhiệm vụ đột xuất tháng 9."),
        ],
        PaperKind::Publication => &[
            ("publication_date", "2026-12-20"),
            ("decision_number", "12/QĐ-UBND"),
            ("outcome", "rated"),
            ("rating", "hoan_thanh"),
            ("strengths", "Chủ động, đúng hẹn."),
            ("weaknesses", "Còn nể nang."),
            ("acknowledgement", ""),
        ],
        PaperKind::AppealOutcome => &[
            ("outcome_date", "2026-12-18"),
            ("outcome", "kept"),
            ("reason", "Nhiệm vụ đột xuất đã được tính ở mục B."),
        ],
        PaperKind::OldUnitComment => &[("months_worked", "7"), ("comment", "Làm tốt công việc được giao.")],
        PaperKind::ServiceRecord => {
            &[("worked_months", "12"), ("absent_months", "0"), ("maternity_leave", "no"), ("rated_elsewhere", "no")]
        }
        PaperKind::SelfAssessment => &[],
    }
}

/// An edit of the cadre's strengths.
pub fn strengths(text: &str) -> Vec<Edit> {
    vec![Edit { field: answer_name("strengths"), value: Some(Scalar::Text(text.to_owned())) }]
}
