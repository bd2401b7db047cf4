//! The opinion of the place of residence about a cadre.

use super::{FormTemplate, read};

/// `RES-OPINION`: what a meeting of voters says about a cadre's conduct in public duties and civic obligations.
///
/// It counts only with a quorum: under 100 voters more than half of them present, from 100 voters at least 55. Without it
/// nothing is asked about the cadre, what was answered does not count, and the paper cannot be signed; it is kept as the
/// minutes of an attempt. It asks for counts, never for the name of a voter.
///
/// Source: domain specification 3.6, 5.4 and R13; the quorum is that of voter conferences at elections (Nghị quyết
/// 1134/2016), and taking it over for this opinion is a default of ours. So are the layout, the purpose, and that the three
/// counts are asked of a yearly opinion too: the fields of the official form of 33-HD/BTCTW were not found. The office can
/// edit all of it.
pub fn residence_opinion() -> FormTemplate {
    read(include_bytes!("../../../data/form-res-opinion.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::completion::Gap;
    use crate::completion::samples::{Person, choice, day, number};

    const CONTENT: [&str; 5] = ["compliance", "participation", "attitude", "contact", "exemplary_role"];

    /// A paper with everything in it but the conclusion of a personnel procedure.
    fn meeting(voters_total: u32, voters_present: u32) -> Person {
        let mut front = Person::opens(residence_opinion());
        front.answers("purpose", choice("annual")).answers("meeting_date", day("2026-11-20"));
        front.answers("voters_total", number(voters_total)).answers("voters_present", number(voters_present));
        for key in CONTENT {
            front.answers(key, choice("good"));
        }
        front.answers("agree", number(voters_present)).answers("disagree", number(0)).answers("no_opinion", number(0));
        front.answers("acknowledgement", Answer::Acknowledged);
        front
    }

    fn quorum(front: &Person) -> Option<String> {
        front.completion().question("quorum").unwrap().calculated.clone().filter(|value| !value.is_empty())
    }

    fn gaps(front: &Person) -> Vec<String> {
        front.gaps().into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn a_quorum_is_more_than_half_or_fifty_five() {
        let check = |total, (absent, enough)| {
            assert_eq!(quorum(&meeting(total, absent)).as_deref(), Some("no"), "{absent} of {total}");
            assert_eq!(quorum(&meeting(total, enough)).as_deref(), Some("yes"), "{enough} of {total}");
        };
        check(80, (40, 41));
        check(300, (54, 55));
        check(99, (49, 50));
        check(100, (54, 55));
        check(2, (1, 2));
        check(1, (0, 1));
    }

    #[test]
    fn nobody_knows_a_quorum_before_both_numbers_are_there() {
        let mut front = meeting(80, 41);
        for key in ["voters_total", "voters_present"] {
            let answer = front.answers.remove(key).unwrap();
            assert_eq!(quorum(&front), None);
            assert!(
                !front.shown().contains(&"attempt_note".to_owned()) && !front.shown().contains(&"agree".to_owned())
            );
            assert_eq!(gaps(&front), [key], "nobody is blamed for more than the missing number");
            front.answers(key, answer);
        }
    }

    #[test]
    fn without_a_quorum_the_paper_says_nothing_about_the_cadre_and_cannot_be_signed() {
        let front = meeting(80, 40);
        let [(key, Gap::NotValid { message_vi, .. })] = &front.gaps()[..] else { panic!("one gap") };
        assert_eq!((key.as_str(), message_vi.starts_with("Chưa đủ số cử tri")), ("acknowledgement", true));
        assert!(front.shown().contains(&"attempt_note".to_owned()));
        let completion = front.completion();
        assert_eq!(completion.hidden_answers, [&CONTENT[..], &["agree", "disagree", "no_opinion"]].concat());
        let counted = front.form.counted_answers(&front.filling());
        let counted: Vec<_> = counted.iter().map(|answer| answer.question()).collect();
        assert_eq!(counted, ["acknowledgement", "meeting_date", "purpose", "voters_present", "voters_total"]);
    }

    #[test]
    fn with_a_quorum_the_paper_is_complete() {
        assert_eq!(meeting(80, 41).gaps(), []);
        assert_eq!(meeting(300, 55).gaps(), []);
    }

    #[test]
    fn nobody_is_present_who_is_no_voter() {
        assert_eq!(meeting(60, 60).gaps(), []);
        let front = meeting(60, 61);
        assert_eq!(quorum(&front).as_deref(), Some("no"));
        assert_eq!(gaps(&front), ["voters_present", "acknowledgement"]);
    }

    #[test]
    fn everybody_present_is_counted_once() {
        for (agree, disagree, no_opinion, expected) in
            [(30, 8, 3, vec![]), (41, 0, 0, vec![]), (30, 8, 2, vec!["no_opinion"]), (30, 8, 4, vec!["no_opinion"])]
        {
            let mut front = meeting(80, 41);
            front.answers("agree", number(agree)).answers("disagree", number(disagree));
            front.answers("no_opinion", number(no_opinion));
            assert_eq!(gaps(&front), expected, "{agree} + {disagree} + {no_opinion}");
        }
        let mut front = meeting(80, 41);
        front.answers.remove("agree");
        assert_eq!(gaps(&front), ["agree"]);
    }

    #[test]
    fn only_a_personnel_procedure_concludes_about_a_nomination() {
        let mut front = meeting(80, 41);
        assert!(!front.shown().contains(&"conclusion".to_owned()));
        front.answers("purpose", choice("nomination"));
        assert_eq!(front.gaps(), [("conclusion".to_owned(), Gap::Missing)]);
        front.answers("conclusion", choice("disagree"));
        assert!(front.completion().is_complete());
    }

    #[test]
    fn only_the_fourth_question_may_not_apply() {
        for key in CONTENT {
            let mut front = meeting(80, 41);
            front.answers(key, choice("not_applicable"));
            assert_eq!(front.completion().is_complete(), key == "contact", "{key}");
        }
    }
}
