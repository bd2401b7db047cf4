//! Feedback of a made-up commune, for tests.

use zeroize::Zeroizing;

use super::code::ReplyCode;
use super::intake::Intake;
use super::{Feedback, FeedbackAbout, Topic};
use crate::handshake::public;
use crate::round::{AreaNumber, RoundDefinition, built_in, samples};

pub(crate) fn round() -> RoundDefinition {
    let (holders, intake) = (crate::envelope::samples::key(7), crate::envelope::samples::key(8));
    let intake = Intake {
        officers: vec!["Đỗ Thị Hoa".to_owned()],
        key: intake.public(),
        signing: public(&ed25519_dalek::SigningKey::from_bytes(&[31; 32])),
    };
    let mut round = RoundDefinition {
        template: built_in::free(),
        intake: Some(intake),
        key: holders.public(),
        ..samples::satisfaction()
    };
    round.areas.iter_mut().for_each(|area| area.slips = 0);
    round
}

pub(crate) fn about_the_street(number: u8) -> Feedback {
    Feedback {
        topic: Topic::Works,
        about: FeedbackAbout::Street,
        area: Some(AreaNumber(1)),
        content: Zeroizing::new(format!("Đèn đường ở ngõ số {number} hỏng đã lâu.")),
        proposal: Zeroizing::new("Thay đèn.".to_owned()),
        reply: Some(ReplyCode::from_random([number; 8])),
    }
}
