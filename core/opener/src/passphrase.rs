//! What a person remembers, and what is locked with it.
//!
//! Argon2id makes every guess dear; the numbers of the stretching are written beside what they lock, so that a later
//! program may ask for more. What is typed on another keyboard is the same passphrase: composed letters, single spaces.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use minicbor::{Decode, Encode};
use model::text::{length_chars, normalised};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The fewest characters of a passphrase, spaces included.
pub const PASSPHRASE_CHARS_MIN: u32 = 12;

/// The most; a whole page pasted by mistake is no passphrase.
pub const PASSPHRASE_CHARS_MAX: u32 = 300;

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

const NONCE_BYTES: usize = 12;

/// Words that a person remembers; wiped when they are no longer needed.
pub struct Passphrase(Zeroizing<String>);

/// Why words are no passphrase.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PassphraseRefused {
    /// Fewer than [`PASSPHRASE_CHARS_MIN`].
    #[error("a passphrase of {given} characters")]
    Short {
        /// Characters, after the spaces were made single.
        given: u32,
    },
    /// More than [`PASSPHRASE_CHARS_MAX`].
    #[error("a passphrase of {given} characters")]
    Long {
        /// Characters.
        given: u32,
    },
    /// The second time something else was written.
    #[error("the two writings differ")]
    Differ,
    /// Somebody else has it already: one of them would open two shares.
    #[error("two people have one passphrase")]
    Shared,
}

impl Passphrase {
    /// From what was typed.
    pub fn typed(text: &str) -> Result<Self, PassphraseRefused> {
        let words = Zeroizing::new(normalised(text));
        let mut single = Zeroizing::new(String::with_capacity(words.len()));
        for word in words.split_whitespace() {
            if !single.is_empty() {
                single.push(' ');
            }
            single.push_str(word);
        }
        match length_chars(&single) {
            given if given < PASSPHRASE_CHARS_MIN => Err(PassphraseRefused::Short { given }),
            given if given > PASSPHRASE_CHARS_MAX => Err(PassphraseRefused::Long { given }),
            _ => Ok(Self(single)),
        }
    }

    /// From what was typed twice.
    pub fn typed_twice(text: &str, again: &str) -> Result<Self, PassphraseRefused> {
        let (first, second) = (Self::typed(text)?, Self::typed(again));
        if second.is_ok_and(|second| second.0 == first.0) { Ok(first) } else { Err(PassphraseRefused::Differ) }
    }

    /// Refuses what one of the others has set.
    pub fn unlike<'a>(self, others: impl IntoIterator<Item = &'a Self>) -> Result<Self, PassphraseRefused> {
        if others.into_iter().any(|other| other.0 == self.0) { Err(PassphraseRefused::Shared) } else { Ok(self) }
    }

    /// The key that it makes with a salt.
    pub fn key(&self, stretch: Stretch, salt: &[u8; SALT_BYTES]) -> Result<Zeroizing<[u8; KEY_BYTES]>, StretchRefused> {
        let params = stretch.params()?;
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(self.0.as_bytes(), salt, key.as_mut())
            .map_err(|_| StretchRefused)?;
        Ok(key)
    }
}

/// How dear one guess is: the numbers of Argon2id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Stretch {
    /// Memory of one guess, in KiB.
    #[n(0)]
    pub memory_kib: u32,
    /// Passes over it.
    #[n(1)]
    pub passes: u32,
    /// Lanes.
    #[n(2)]
    pub lanes: u32,
}

/// Numbers that would take this machine's memory or a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the numbers of the stretching are out of bounds")]
pub struct StretchRefused;

impl Stretch {
    /// What is written today: 64 MiB, three passes, about a third of a second on an old laptop.
    pub const USUAL: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

    /// The most that is read: a foreign file must not take all memory.
    const MOST: Self = Self { memory_kib: 1024 * 1024, passes: 20, lanes: 4 };

    fn params(self) -> Result<Params, StretchRefused> {
        let is_bounded = self.memory_kib <= Self::MOST.memory_kib
            && self.passes <= Self::MOST.passes
            && (1..=Self::MOST.lanes).contains(&self.lanes);
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(KEY_BYTES));
        params.ok().filter(|_| is_bounded).ok_or(StretchRefused)
    }
}

/// Bytes under a key, bound to what stands beside them.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Locked {
    #[cbor(n(0), with = "minicbor::bytes")]
    nonce: [u8; NONCE_BYTES],
    #[cbor(n(1), with = "minicbor::bytes")]
    sealed: Vec<u8>,
}

impl Locked {
    /// Locks `plain`; `beside` is readable and cannot be exchanged.
    pub fn lock(
        key: &Zeroizing<[u8; KEY_BYTES]>,
        (plain, beside): (&[u8], &[u8]),
        random: &mut impl CryptoRng,
    ) -> Self {
        let mut nonce = [0; NONCE_BYTES];
        random.fill_bytes(&mut nonce);
        let sealed = cipher(key).encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: beside });
        Self { nonce, sealed: sealed.expect("what fits into memory can be sealed") }
    }

    /// Opens what was locked; none for another key, or if anything was changed.
    pub fn unlock(&self, key: &Zeroizing<[u8; KEY_BYTES]>, beside: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let opened = cipher(key).decrypt(&Nonce::from(self.nonce), Payload { msg: &self.sealed, aad: beside });
        opened.ok().map(Zeroizing::new)
    }
}

fn cipher(key: &Zeroizing<[u8; KEY_BYTES]>) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(**key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Stretch = Stretch { memory_kib: 64, passes: 1, lanes: 1 };

    #[test]
    fn twelve_characters_written_twice_are_a_passphrase() {
        for (text, expected) in [
            ("con trâu trắng", None),
            ("mười một cc", Some(PassphraseRefused::Short { given: 11 })),
            ("  mười   một   cc  ", Some(PassphraseRefused::Short { given: 11 })),
            ("", Some(PassphraseRefused::Short { given: 0 })),
        ] {
            assert_eq!(Passphrase::typed(text).err(), expected, "{text}");
        }
        assert_eq!(Passphrase::typed(&"a".repeat(301)).err(), Some(PassphraseRefused::Long { given: 301 }));
        assert_eq!(Passphrase::typed_twice("con trâu trắng", "con trâu trằng").err(), Some(PassphraseRefused::Differ));
        assert!(Passphrase::typed_twice("con trâu trắng", "con trâu trắng ").is_ok());
    }

    #[test]
    fn two_people_do_not_have_one_passphrase() {
        let typed = |text: &str| Passphrase::typed(text).unwrap();
        let others = [typed("bảy ngọn đèn"), typed("con trâu trắng")];
        assert_eq!(typed("con  trâu trắng ").unlike(&others).err(), Some(PassphraseRefused::Shared));
        assert!(typed("con trâu trăng").unlike(&others).is_ok());
    }

    #[test]
    fn another_keyboard_makes_the_same_key() {
        let key = |text: &str| Passphrase::typed(text).unwrap().key(CHEAP, &[1; SALT_BYTES]).unwrap();
        let apart = "con tra\u{302}u tra\u{306}\u{301}ng";
        assert!(key("con trâu trắng") == key(apart) && key("con  trâu trắng ") == key(apart));
        assert!(key("con trâu trắng") != key("con trâu trăng"));
    }

    #[test]
    fn a_foreign_file_cannot_ask_for_all_memory() {
        let passphrase = Passphrase::typed("con trâu trắng").unwrap();
        for stretch in [
            Stretch { memory_kib: u32::MAX, ..CHEAP },
            Stretch { passes: 21, ..CHEAP },
            Stretch { passes: 0, ..CHEAP },
            Stretch { lanes: 0, ..CHEAP },
            Stretch { lanes: 5, ..CHEAP },
            Stretch { memory_kib: 1, ..CHEAP },
        ] {
            assert_eq!(passphrase.key(stretch, &[1; SALT_BYTES]).err(), Some(StretchRefused), "{stretch:?}");
        }
    }
}
