//! A status: icon, word and colour, always the three together.

/// What a colour means here; there is no other meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Ink on paper: nothing to do.
    Plain,
    /// Amber: waits for somebody.
    Waiting,
    /// Red: somebody must act.
    Act,
}

/// One status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// Its colour.
    pub tone: Tone,
    /// Name of a symbol of the sprite.
    pub icon: &'static str,
    /// The words.
    pub word: String,
}

impl Chip {
    /// Nothing to do.
    pub fn plain(icon: &'static str, word: impl Into<String>) -> Self {
        Self { tone: Tone::Plain, icon, word: word.into() }
    }

    /// Waits for somebody.
    pub fn waiting(word: impl Into<String>) -> Self {
        Self { tone: Tone::Waiting, icon: "schedule", word: word.into() }
    }

    /// Somebody must act.
    pub fn act(word: impl Into<String>) -> Self {
        Self { tone: Tone::Act, icon: "warning", word: word.into() }
    }

    /// The classes of its element.
    pub fn class(&self) -> &'static str {
        match self.tone {
            Tone::Plain => "st",
            Tone::Waiting => "st wait",
            Tone::Act => "st act",
        }
    }
}
