//! Rounds of a made-up commune, for tests.

use ed25519_dalek::SigningKey;

use super::area::Area;
use super::holder::Holder;
use super::*;
use crate::handshake::public;

/// The holders' keys.
pub(crate) fn holder_keys() -> [SigningKey; HOLDERS] {
    [1, 2, 3].map(|seed| SigningKey::from_bytes(&[seed; 32]))
}

/// Three people about whom a commune with two areas is asked.
pub(crate) fn confidence() -> RoundDefinition {
    let names =
        [("Nguyễn Văn An", "Tổ trưởng tổ 1"), ("Trần Thị Bình", "Tổ trưởng tổ 2"), ("Lê Văn Cường", "Tổ trưởng tổ 3")];
    let subject = |(index, (name, post)): (usize, (&str, &str))| Subject {
        person: PersonId::from_bytes([index as u8 + 1; 16]),
        name: name.to_owned(),
        post: post.to_owned(),
    };
    let subjects = names.into_iter().enumerate().map(subject).collect();
    about(built_in::confidence(), About::People(subjects), GROUP_MIN_CONFIDENCE)
}

/// The same commune about its office's work.
pub(crate) fn satisfaction() -> RoundDefinition {
    about(built_in::satisfaction(), About::Unit(UnitId::from_bytes([8; 16])), GROUP_MIN_USUAL)
}

fn about(template: OpinionTemplate, about: About, group_min: u16) -> RoundDefinition {
    let bodies =
        [("Phạm Thị Dung", "Hội Phụ nữ"), ("Hoàng Văn Em", "Hội Cựu chiến binh"), ("Vũ Thị Giang", "Đoàn Thanh niên")];
    let keys = holder_keys();
    let holder = |index: usize| Holder {
        name: bodies[index].0.to_owned(),
        body: bodies[index].1.to_owned(),
        person: None,
        key: public(&keys[index]),
    };
    let day = |text: &str| Day::parse(text).expect("a day of the calendar");
    RoundDefinition {
        id: RoundId::from_bytes([5; 16]),
        title: "Lấy ý kiến cuối năm 2026".to_owned(),
        organiser: UnitId::from_bytes([9; 16]),
        about,
        template,
        electorate: "Cử tri cư trú trên địa bàn".to_owned(),
        areas: vec![Area::new(AreaNumber(1), "Tổ 1".to_owned(), 60), Area::new(AreaNumber(2), "Tổ 2".to_owned(), 45)],
        shows_areas: true,
        opens: day("2026-12-01"),
        closes: day("2026-12-10"),
        grace: day("2026-12-15"),
        group_min,
        side_min: SIDE_MIN_LEAST,
        standing: Standing::Consultative,
        holders: std::array::from_fn(holder),
        key: SealingKey::from_bytes([6; 32]),
        slip_book: ContentHash::from_bytes([7; 32]),
        admission: ContentHash::from_bytes([8; 32]),
        denominator: Denominator::Answers,
        intake: None,
    }
}

/// Signed by its three holders.
pub(crate) fn signed(definition: RoundDefinition) -> SignedRound {
    let signatures = holder_keys().map(|key| definition.signed_by(&key));
    SignedRound { definition, signatures }
}
