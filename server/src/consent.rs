//! Questions before an order that is hard to take back: asked at the terminal, answered with the order, or not at all.

use std::io::{BufRead, IsTerminal};

use model::text::folded;

use crate::command::{complain, say};
use crate::settings::Settings;

/// Whether somebody has agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// With the order itself.
    Given,
    /// Will be asked for at the terminal.
    AtTerminal,
    /// Nobody is there to be asked.
    Unobtainable,
}

impl Consent {
    /// How consent is had for an order that was given with or without `--yes`.
    pub fn of(is_given: bool) -> Self {
        match is_given {
            true => Self::Given,
            false if std::io::stdin().is_terminal() => Self::AtTerminal,
            false => Self::Unobtainable,
        }
    }

    /// Whether the order may be carried out; a sentence says why not. The question is asked only if it must be.
    pub(crate) fn is_had(self, settings: &Settings, ask: impl FnOnce()) -> bool {
        if self == Self::Given {
            return true;
        }
        if self == Self::Unobtainable {
            refuse(settings);
            return false;
        }
        ask();
        let mut answer = String::new();
        let is_had = std::io::stdin().lock().read_line(&mut answer).is_ok() && is_yes(&answer);
        if !is_had {
            complain(settings.pick("Chưa làm; không có gì thay đổi.", "Not done; nothing was changed."));
        }
        is_had
    }
}

/// That nobody is there to be asked.
pub(crate) fn refuse(settings: &Settings) {
    complain(settings.pick(
        "Chưa làm gì vì không có ai để hỏi lại; hãy tự gõ lệnh này trên máy chủ, hoặc thêm --yes nếu đã chắc chắn.",
        "Nothing was done, for there is nobody to ask; run this at a terminal, or add --yes if you are sure.",
    ));
}

/// Says what will happen and how to agree.
pub(crate) fn question(settings: &Settings, what: &str) {
    let how = settings.pick("Gõ «có» để làm:", "Type \"yes\" to do it:");
    say(&format!("{what} {how}"));
}

/// The whole word: a key that was hit by mistake does nothing.
fn is_yes(answer: &str) -> bool {
    matches!(folded(answer.trim()).as_str(), "co" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_yes_is_consent() {
        for (answer, expected) in
            [("có\n", true), ("Co", true), ("YES\n", true), ("", false), ("y", false), ("c", false), ("không", false)]
        {
            assert_eq!(is_yes(answer), expected, "{answer}");
        }
    }
}
