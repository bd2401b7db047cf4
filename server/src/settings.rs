//! What an operator sets, from the command line or the environment. Flat: one line, one fact.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use model::enrolment::is_address;

use crate::office::MEMBERSHIP_FILE;
use crate::words::{pick, quoted};

/// The language of messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

/// The settings of every command.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// The data folder: database, identity key, membership file.
    #[arg(long, env = "LANGNGHE_DATA", default_value = "data", global = true)]
    pub data: PathBuf,
    /// The address to listen on. Only this machine by default: a proxy with a certificate stands before it.
    #[arg(long, env = "LANGNGHE_ADDRESS", default_value = "127.0.0.1", global = true)]
    pub address: IpAddr,
    /// The port to listen on; 0 takes any free one.
    #[arg(long, env = "LANGNGHE_PORT", default_value_t = 8480, global = true)]
    pub port: u16,
    /// A folder on another disk for the continuous second copy. Without it "received" covers one fault only.
    #[arg(long, env = "LANGNGHE_SECOND_COPY", global = true)]
    pub second_copy: Option<PathBuf>,
    /// The membership file, if it lies outside the data folder, for example on another disk.
    #[arg(long = "membership-file", env = "LANGNGHE_MEMBERSHIP_FILE", global = true)]
    pub membership: Option<PathBuf>,
    /// The address under which phones find this server; it stands in every enrolment code.
    #[arg(long, env = "LANGNGHE_PUBLIC_ADDRESS", global = true)]
    pub public_address: Option<String>,
    /// The language of messages.
    #[arg(long, env = "LANGNGHE_LANGUAGE", value_enum, default_value_t = Language::Vi, global = true)]
    pub language: Language,
}

/// Why settings cannot be used together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SettingsRefused {
    /// Not `http://…` or `https://…`, or too long for a picture.
    #[error("the public address must begin with http:// or https:// and be short")]
    PublicAddress,
    /// A copy in the folder of the original is no copy.
    #[error("the second copy must lie in another folder")]
    SecondCopy,
}

impl Settings {
    /// For a server in this process, on any free port of this machine.
    pub fn of_folder(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            address: IpAddr::from([127, 0, 0, 1]),
            port: 0,
            second_copy: None,
            membership: None,
            public_address: None,
            language: Language::Vi,
        }
    }

    /// Refuses what cannot work, before anything is opened.
    pub fn check(&self) -> Result<(), SettingsRefused> {
        if self.public_address.as_deref().is_some_and(|address| !is_address(address)) {
            return Err(SettingsRefused::PublicAddress);
        }
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if self.second_copy.as_deref().is_some_and(|copy| real(copy) == real(&self.data)) {
            return Err(SettingsRefused::SecondCopy);
        }
        Ok(())
    }

    /// The sentence in the operator's language.
    pub fn pick<'a>(&self, vi: &'a str, en: &'a str) -> &'a str {
        pick(self.language, vi, en)
    }

    /// A further order to the same server, as it can be typed.
    pub fn order(&self, rest: &str) -> String {
        let membership = self.membership.as_deref().map(|file| format!(" --membership-file {}", quoted(file)));
        format!("langnghe {rest} --data {}{}", quoted(&self.data), membership.unwrap_or_default())
    }

    /// Where the membership file lies.
    pub fn membership_file(&self) -> PathBuf {
        self.membership.clone().unwrap_or_else(|| self.data.join(MEMBERSHIP_FILE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_work_are_refused() {
        let good = Settings::of_folder(Path::new("data"));
        assert_eq!(good.check(), Ok(()));
        let proxied = Settings { public_address: Some("https://phuong.example".into()), ..good.clone() };
        assert_eq!(proxied.check(), Ok(()));
        for address in [
            "phuong.example",
            "ftp://phuong.example",
            "https://phuong example",
            "https://",
            "https://phuong.example/?a=1",
        ] {
            let settings = Settings { public_address: Some(address.into()), ..good.clone() };
            assert_eq!(settings.check(), Err(SettingsRefused::PublicAddress), "{address}");
        }
        let copied = Settings { second_copy: Some("data".into()), ..good };
        assert_eq!(copied.check(), Err(SettingsRefused::SecondCopy));
    }
}
