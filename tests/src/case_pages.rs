//! The office's pages on cases as a browser on the server's machine gets them, and the story that they show.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on says where")]

use model::case::CaseState;
use model::case::paper::PaperKind;
use model::membership::Role;
use server::running::Running;

use crate::cases::{Cast, SUBJECT, answers};
use crate::house::House;
use crate::wire::plain_client;

/// What a browser got.
pub struct Page {
    pub status: u16,
    pub headers: String,
    pub body: String,
}

impl Page {
    pub async fn read(server: &Running, path: &str) -> Self {
        let asked = plain_client().get(format!("http://{}{path}", server.pages)).header("accept", "text/html");
        let answer = asked.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), format!("{:?}", answer.headers()));
        Self { status, headers, body: answer.text().await.unwrap() }
    }

    /// The words, without tags, in one line.
    pub fn text(&self) -> String {
        let pieces = self.body.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
        let text = pieces.collect::<Vec<_>>().join(" ");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Addresses that lead on from here and begin like this.
    pub fn links(&self, beginning: &str) -> Vec<String> {
        let found = self.body.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"'));
        let found = found.map(|(link, _)| link.replace("&#38;", "&")).filter(|link| link.starts_with(beginning));
        found.collect()
    }
}

/// What the papers say that only some cases have.
fn said(kind: PaperKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        PaperKind::OldUnitComment => &[("months_worked", "7"), ("comment", "Hoàn thành việc được giao ở đơn vị cũ.")],
        PaperKind::AppealOutcome => &[
            ("outcome_date", "2026-12-18"),
            ("outcome", "changed"),
            ("reason", "Nhiệm vụ đột xuất tháng 9 được tính thêm."),
        ],
        PaperKind::Decision => &[
            ("decision_number", "15/QĐ-UBND"),
            ("decision_date", "2026-12-18"),
            ("sequence", "2"),
            ("superseded_number", "12/QĐ-UBND"),
            ("rating", "hoan_thanh_tot"),
        ],
        PaperKind::Notice => &[
            ("notice_date", "2026-12-19"),
            ("decision_number", "15/QĐ-UBND"),
            ("outcome", "rated"),
            ("rating", "hoan_thanh_tot"),
            ("summary", "Hoàn thành tốt nhiệm vụ."),
            ("appeal_how", "Gửi văn bản đến bộ phận tổ chức."),
            ("appeal_until", "2026-12-29"),
        ],
        PaperKind::Publication => &[
            ("publication_date", "2026-12-20"),
            ("decision_number", "15/QĐ-UBND"),
            ("outcome", "rated"),
            ("rating", "hoan_thanh_tot"),
            ("strengths", "Chủ động, đúng hẹn."),
            ("weaknesses", "Còn nể nang."),
            ("acknowledgement", ""),
        ],
        other => answers(other),
    }
}

/// A case with every paper there is, through the whole procedure: returned once, with the comment of a former unit, and
/// appealed against.
pub async fn every_paper(house: &House, server: &Running, cast: &mut Cast) {
    use CaseState::{
        Appealed, Archived, AwaitingComments, Decided, Notified, OpinionsClosed, OpinionsOpen, Proposed, Published,
        Returned, UnderReview,
    };
    use PaperKind::{
        Appeal, AppealOutcome, Decision, HeadComment, Minutes, Notice, OldUnitComment, PartyComment, Publication,
        ResidenceOpinion, ServiceRecord,
    };
    use Role::{Authority, FormerHead, FrontHead, Head, PartyCommittee, PersonnelOffice, Secretary, Subject};

    assert_eq!(cast.submits(house, server, &house.answers(house.cadre(SUBJECT))).await, None);
    assert_eq!(cast.goes_on(server, Head, Returned).await, None);
    cast.synchronise(server).await;
    let changed = crate::cases::strengths("Đã bổ sung minh chứng mục B <theo yêu cầu> & ký lại.");
    assert_eq!(cast.submits(house, server, &changed).await, None);
    for turn in [
        (Some((PersonnelOffice, ServiceRecord)), Some((Head, OpinionsOpen))),
        (Some((FrontHead, ResidenceOpinion)), None),
        (Some((FormerHead, OldUnitComment)), Some((PersonnelOffice, OpinionsClosed))),
        (None, Some((Head, UnderReview))),
        (Some((Secretary, Minutes)), Some((Head, AwaitingComments))),
        (Some((PartyCommittee, PartyComment)), None),
        (Some((Head, HeadComment)), Some((Head, Proposed))),
        (Some((Authority, Decision)), Some((Authority, Decided))),
        (Some((PersonnelOffice, Notice)), Some((PersonnelOffice, Notified))),
        (Some((Subject, Appeal)), Some((Subject, Appealed))),
    ] {
        goes(cast, server, turn, answers).await;
    }
    for turn in [
        (Some((Authority, Decision)), None),
        (Some((Authority, AppealOutcome)), Some((Authority, Decided))),
        (Some((PersonnelOffice, Notice)), Some((PersonnelOffice, Notified))),
        (Some((PersonnelOffice, Publication)), Some((PersonnelOffice, Published))),
        (None, Some((PersonnelOffice, Archived))),
    ] {
        goes(cast, server, turn, said).await;
    }
}

/// A paper that somebody signs, and a step that somebody takes.
type Turn = (Option<(Role, PaperKind)>, Option<(Role, CaseState)>);

async fn goes(
    cast: &mut Cast,
    server: &Running,
    (paper, step): Turn,
    words: fn(PaperKind) -> &'static [(&'static str, &'static str)],
) {
    if let Some((role, kind)) = paper {
        cast.phone(role).synchronise(server).await;
        let words = if kind == PaperKind::OldUnitComment { said(kind) } else { words(kind) };
        assert_eq!(cast.files(server, (role, kind), words).await, None, "{kind:?}");
    }
    if let Some((role, to)) = step {
        assert_eq!(cast.goes_on(server, role, to).await, None, "{to:?}");
    }
}
