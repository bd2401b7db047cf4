//! The papers of a case between the residence opinion and its end: comments, minutes, decision, notice, appeal,
//! publication.
//!
//! Which steps ask for which paper, and who signs it, is not said here. No paper asks for a resident's words.

use super::{FormTemplate, read};

/// `SERVICE-RECORD`: the months that the cadre worked and missed in the period, as the personnel office knows them.
///
/// On them it depends who is rated, up to which level, and whether a former unit must comment. Source: domain specification
/// 2.1, guards; the layout is a default of ours. It asks for no reason of an absence but maternity leave, which the rule
/// names.
pub fn service_record() -> FormTemplate {
    read(include_bytes!("../../../data/form-service-record.json"))
}

/// `OLD-UNIT-COMMENT`: what the former unit says about a cadre who moved.
///
/// The new unit evaluates, and this comment must be there after six months or more at the old one (domain specification
/// 2.1, guards; rules of Nghị định 90/2020). The fields, and a proposed level that may stay empty, are a default of ours.
pub fn old_unit_comment() -> FormTemplate {
    read(include_bytes!("../../../data/form-old-unit-comment.json"))
}

/// `MINUTES`: the head and the result of the minutes of a review meeting; what was said is not an answer of this form but
/// paragraphs beside it.
///
/// Source: domain specification 2.1, 4.2 and 5.8. That votes are a summary in words is a default of ours; minutes of a
/// count of ballots are another paper.
pub fn minutes() -> FormTemplate {
    read(include_bytes!("../../../data/form-minutes.json"))
}

/// `PARTY-COMMENT`: what the party committee at the place of work says.
///
/// Source: domain specification 2.1 and 4.2, and the contents of the file in 3.4. That only the general comment is
/// mandatory is a default of ours.
pub fn party_comment() -> FormTemplate {
    read(include_bytes!("../../../data/form-party-comment.json"))
}

/// `HEAD-COMMENT`: what the head says, with the level that the head proposes.
///
/// Source: domain specification 3.4 and 5.1, part III of the forms of Nghị định 90/2020. The shares d, đ and e stand in the
/// self-assessment. That strengths and weaknesses are mandatory is a default of ours: a proposal has reasons.
pub fn head_comment() -> FormTemplate {
    read(include_bytes!("../../../data/form-head-comment.json"))
}

/// `DECISION`: one of the four levels, or not rated with the reason.
///
/// Two questions, as in [`crate::rating::Outcome`], so that "not rated" is never a fifth level. Source: domain
/// specification 4.2 and 5.1, part IV of the forms of Nghị định 90/2020; the number has at most 60 characters. The line on
/// prospects is known only (domain 3.4), and with the other fields a default of ours.
pub fn decision() -> FormTemplate {
    read(include_bytes!("../../../data/form-decision.json"))
}

/// `NOTICE`: the written notice to the cadre, with how and until when to appeal.
///
/// Source: domain specification 2.1 and 3.4. Five working days after the decision are known only, so they are a hint and
/// no rule; how long appeals are taken was not found, so the last day is written by the office.
pub fn notice() -> FormTemplate {
    read(include_bytes!("../../../data/form-notice.json"))
}

/// `APPEAL`: the cadre's own appeal with an explanation, 1 to 4 000 characters.
///
/// Source: domain specification 2.1 and 4.2; the layout is a default of ours.
pub fn appeal() -> FormTemplate {
    read(include_bytes!("../../../data/form-appeal.json"))
}

/// `APPEAL-OUTCOME`: whether the decision is kept or changed, and why. A change is followed by a new [`decision`].
///
/// Source: domain specification 2.1 and 4.2; the layout is a default of ours.
pub fn appeal_outcome() -> FormTemplate {
    read(include_bytes!("../../../data/form-appeal-outcome.json"))
}

/// `PUBLICATION`: what the cadres and party members of the unit read.
///
/// The level with a summary of strengths and weaknesses in the office's words, never residents' raw text; whoever signs
/// vouches for that. Source: domain specification 2.1, `published`, and 7; the 1 000 characters of a summary are a default
/// of ours.
pub fn publication() -> FormTemplate {
    read(include_bytes!("../../../data/form-publication.json"))
}

/// All of them, in the order in which a case meets them.
pub(super) fn all() -> [FormTemplate; 10] {
    [
        service_record(),
        old_unit_comment(),
        minutes(),
        party_comment(),
        head_comment(),
        decision(),
        notice(),
        appeal(),
        appeal_outcome(),
        publication(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::completion::samples::{Person, choice, day, number, text};
    use crate::form::kind::QuestionKind;
    use crate::rating::{NotRatedReason, Rating};

    fn gaps(person: &Person) -> Vec<String> {
        person.gaps().into_iter().map(|(key, _)| key).collect()
    }

    fn options(template: &FormTemplate, key: &str) -> Vec<String> {
        let QuestionKind::Choice { options } = &template.question(key).unwrap().kind else { panic!("{key}") };
        options.iter().map(|option| option.key.clone()).collect()
    }

    fn decided(outcome: &str) -> Person {
        let mut authority = Person::opens(decision());
        authority.answers("decision_number", text("12/QĐ-UBND")).answers("decision_date", day("2026-12-10"));
        authority.answers("sequence", number(1)).answers("legal_basis", text("Nghị định 335/2025/NĐ-CP"));
        authority.answers("authority", text("Ủy ban nhân dân phường")).answers("signer", text("Chủ tịch"));
        authority.answers("outcome", choice(outcome));
        authority
    }

    #[test]
    fn every_level_on_paper_is_one_of_the_four() {
        let levels = Rating::ALL.map(Rating::wire_key);
        for (template, key) in [
            (head_comment(), "proposed_rating"),
            (old_unit_comment(), "proposed_rating"),
            (decision(), "rating"),
            (publication(), "rating"),
        ] {
            assert_eq!(options(&template, key), levels, "{}", template.code);
        }
    }

    #[test]
    fn a_decision_has_a_level_or_a_reason_and_never_both() {
        let mut rated = decided("rated");
        assert_eq!(gaps(&rated), ["rating"]);
        rated.answers("rating", choice("hoan_thanh_tot"));
        assert!(rated.completion().is_complete() && !rated.shown().contains(&"not_rated_reason".to_owned()));
        rated.answers("outcome", choice("not_rated"));
        assert_eq!(
            (gaps(&rated), rated.completion().hidden_answers),
            (vec!["not_rated_reason".into()], vec!["rating".into()])
        );
        rated.answers("not_rated_reason", choice("too_few_months"));
        assert!(rated.completion().is_complete());
    }

    #[test]
    fn the_reasons_of_a_decision_are_those_of_an_outcome() {
        let reasons = [NotRatedReason::TooFewMonths, NotRatedReason::RatedByNewUnit];
        let keys = reasons.map(|reason| serde_json::to_value(reason).unwrap().as_str().unwrap().to_owned());
        assert_eq!(options(&decision(), "not_rated_reason"), keys);
    }

    #[test]
    fn a_later_decision_names_the_one_it_supersedes() {
        let mut authority = decided("not_rated");
        authority.answers("not_rated_reason", choice("rated_by_new_unit"));
        assert!(authority.completion().is_complete());
        authority.answers("sequence", number(2));
        assert_eq!(gaps(&authority), ["superseded_number"]);
    }

    #[test]
    fn the_number_of_a_decision_has_sixty_characters() {
        for template in [decision(), notice(), appeal(), publication()] {
            let question = template.question("decision_number").unwrap().clone();
            assert!(text(&"ế".repeat(60)).check(&question).is_ok() && text(&"ế".repeat(61)).check(&question).is_err());
        }
    }

    #[test]
    fn an_appeal_has_one_to_four_thousand_characters() {
        let question = appeal().question("text").unwrap().clone();
        for (given, is_taken) in
            [("", false), ("  ", false), ("x", true), (&"x".repeat(4_000), true), (&"x".repeat(4_001), false)]
        {
            assert_eq!(text(given).check(&question).is_ok(), is_taken, "{} characters", given.len());
        }
    }

    #[test]
    fn no_more_people_are_present_than_were_summoned() {
        let mut secretary = Person::opens(minutes());
        for key in ["place", "chair", "secretary"] {
            secretary.answers(key, text("Lan"));
        }
        secretary.answers("meeting_date", day("2026-12-05")).answers("meeting_time", text("8h30"));
        secretary.answers("summoned", number(12)).answers("present", number(12));
        assert_eq!(gaps(&secretary), Vec::<String>::new());
        secretary.answers("present", number(13));
        assert_eq!(gaps(&secretary), ["present"]);
    }

    #[test]
    fn a_time_of_day_is_hours_and_minutes() {
        for (given, is_valid) in [
            ("8:30", true),
            ("08h30", true),
            ("8 giờ 30", true),
            ("23:59", true),
            ("24:00", false),
            ("8:60", false),
            ("sáng", false),
        ] {
            let mut secretary = Person::opens(minutes());
            secretary.answers("meeting_time", text(given));
            assert_eq!(!gaps(&secretary).contains(&"meeting_time".to_owned()), is_valid, "{given}");
        }
    }

    #[test]
    fn appeals_are_taken_from_the_day_of_the_notice_on() {
        for (until, is_valid) in [("2026-12-14", false), ("2026-12-15", true), ("2027-01-15", true)] {
            let mut office = Person::opens(notice());
            office.answers("notice_date", day("2026-12-15")).answers("appeal_until", day(until));
            assert_eq!(!gaps(&office).contains(&"appeal_until".to_owned()), is_valid, "{until}");
        }
    }

    #[test]
    fn nothing_is_published_before_somebody_vouches_that_no_resident_is_quoted() {
        let mut office = Person::opens(publication());
        for key in ["decision_number", "strengths", "weaknesses"] {
            office.answers(key, text("Không"));
        }
        office.answers("publication_date", day("2026-12-20")).answers("outcome", choice("rated"));
        office.answers("rating", choice("hoan_thanh"));
        assert_eq!(gaps(&office), ["acknowledgement"]);
        office.answers("acknowledgement", Answer::Acknowledged);
        assert!(office.completion().is_complete());
    }

    #[test]
    fn comments_ask_for_what_they_cannot_do_without() {
        let check = |template: FormTemplate, missing: &[&str]| {
            let code = template.code.clone();
            assert_eq!(gaps(&Person::opens(template)), missing, "{code}");
        };
        check(head_comment(), &["strengths", "weaknesses", "outcome"]);
        check(party_comment(), &["comment"]);
        check(old_unit_comment(), &["months_worked", "comment"]);
        check(appeal_outcome(), &["outcome_date", "outcome", "reason"]);
    }
}
