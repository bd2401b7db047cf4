//! What an operator sets, from the command line or the environment. Flat: one line, one fact.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use model::enrolment::is_address;

use crate::office::MEMBERSHIP_FILE;
use crate::report::access::names_this_machine;
use crate::words::{pick, quoted};

/// The language of messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

/// The port of a server that was told none.
const PORT: u16 = 8480;

const ADDRESS_HELP: &str = "\
Địa chỉ để nghe. Mặc định chỉ máy này; muốn điện thoại trong mạng nội bộ vào thẳng thì ghi địa chỉ của máy này trong mạng ấy. \
Khi đó trang của văn phòng vẫn chỉ mở được trên máy này, ở cổng ngay sau --port.
The address to listen on. This machine alone by default; for phones of the local network write this machine's address there. \
The office's pages then stay on this machine, at the port after --port.";

const PUBLIC_ADDRESS_HELP: &str = "\
Địa chỉ để điện thoại tìm máy chủ, ghi trong mọi mã. Khi đó trang của văn phòng ở cổng ngay sau --port, chỉ trên máy này.
Where phones find this server; in every code. The office's pages then have the port after --port, on this machine alone.";

/// The settings of every command.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// The data folder: database, identity key, membership file.
    #[arg(
        long,
        env = "LANGNGHE_DATA",
        value_name = "THƯ MỤC",
        default_value = "data",
        global = true,
        help = "Thư mục dữ liệu.\nThe data folder."
    )]
    pub data: PathBuf,
    /// The address to listen on. Only this machine by default: a proxy with a certificate stands before it.
    #[arg(
        long,
        env = "LANGNGHE_ADDRESS",
        value_name = "ĐỊA CHỈ",
        default_value = "127.0.0.1",
        global = true,
        help = ADDRESS_HELP
    )]
    pub address: IpAddr,
    /// The port to listen on; 0 takes any free one.
    #[arg(
        long,
        env = "LANGNGHE_PORT",
        value_name = "CỔNG",
        default_value_t = PORT,
        global = true,
        help = "Cổng để nghe; 0 là cổng trống bất kỳ.\nThe port to listen on; 0 takes any free one."
    )]
    pub port: u16,
    /// A folder on another disk for the continuous second copy. Without it "received" covers one fault only.
    #[arg(
        long,
        env = "LANGNGHE_SECOND_COPY",
        value_name = "THƯ MỤC",
        global = true,
        help = "Thư mục của bản sao thứ hai, trên ổ đĩa khác.\nThe folder of the second copy, on another disk."
    )]
    pub second_copy: Option<PathBuf>,
    /// The membership file, if it lies outside the data folder, for example on another disk.
    #[arg(
        long = "membership-file",
        env = "LANGNGHE_MEMBERSHIP_FILE",
        value_name = "TỆP",
        global = true,
        help = "Tệp thành viên, nếu nằm ngoài thư mục dữ liệu.\nThe membership file, if outside the data folder."
    )]
    pub membership: Option<PathBuf>,
    /// The address under which phones find this server; it stands in every enrolment code.
    #[arg(
        long,
        env = "LANGNGHE_PUBLIC_ADDRESS",
        value_name = "ĐỊA CHỈ",
        global = true,
        help = PUBLIC_ADDRESS_HELP
    )]
    pub public_address: Option<String>,
    /// The language of messages.
    #[arg(long, env = "LANGNGHE_LANGUAGE", value_name = "NGÔN NGỮ", value_enum, ignore_case = true)]
    #[arg(hide_possible_values = true, default_value_t = Language::Vi, global = true)]
    #[arg(help = "Ngôn ngữ của thông báo: vi, en.\nThe language of messages.")]
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
    /// The pages need the port after the last one there is.
    #[error("there is no port above 65535 for the pages")]
    NoPortForPages,
    /// Not a word for how much is logged.
    #[error("LANGNGHE_LOG is one of error, warn, info, debug")]
    LogLevel,
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
        if self.second_copy.as_deref().is_some_and(|copy| real(copy) == real(&self.data)) {
            return Err(SettingsRefused::SecondCopy);
        }
        if self.has_pages_apart() && self.port == u16::MAX {
            return Err(SettingsRefused::NoPortForPages);
        }
        Ok(())
    }

    /// The sentence in the operator's language.
    pub fn pick<'a>(&self, vi: &'a str, en: &'a str) -> &'a str {
        pick(self.language, vi, en)
    }

    /// A further order to the same server, as it can be typed.
    pub fn order(&self, rest: &str) -> String {
        let setting = |name: &str, path: &Option<PathBuf>| {
            path.as_deref().map(|path| format!(" --{name} {}", quoted(path))).unwrap_or_default()
        };
        let membership = setting("membership-file", &self.membership);
        let copy = setting("second-copy", &self.second_copy);
        let listening = if rest == "serve" { self.listening_order() } else { String::new() };
        format!("langnghe {rest} --data {}{membership}{copy}{listening}", quoted(&self.data))
    }

    /// Where the next start shall listen, if not where it listens by itself: without it phones would not find it.
    fn listening_order(&self) -> String {
        let mut order = String::new();
        if !self.address.is_loopback() {
            order.push_str(&format!(" --address {}", self.address));
        }
        if self.port != 0 && self.port != PORT {
            order.push_str(&format!(" --port {}", self.port));
        }
        if let Some(public) = &self.public_address {
            order.push_str(&format!(" --public-address {public}"));
        }
        order
    }

    /// Where a server of these settings listens.
    pub fn listening(&self) -> SocketAddr {
        SocketAddr::new(self.address, self.port)
    }

    /// Whether the pages have a port of their own. Behind an address for phones elsewhere something passes requests on,
    /// and may make anybody look like somebody of this machine; and a door that is open to a network is not one of this
    /// machine alone.
    pub fn has_pages_apart(&self) -> bool {
        self.public_address.is_some() || !self.address.to_canonical().is_loopback()
    }

    /// The port of the pages on this machine if they have their own: the next one, or any free one.
    pub fn pages_port(&self) -> Option<u16> {
        self.has_pages_apart().then(|| if self.port == 0 { 0 } else { self.port.saturating_add(1) })
    }

    /// Where phones find a server that listens there.
    pub fn address_for_phones(&self, listening: SocketAddr) -> String {
        self.public_address.clone().unwrap_or_else(|| format!("https://{listening}"))
    }

    /// Where the membership file lies.
    pub fn membership_file(&self) -> PathBuf {
        self.membership.clone().unwrap_or_else(|| self.data.join(MEMBERSHIP_FILE))
    }
}

/// How much is logged, as the environment says it; nothing said is `info`.
pub fn log_level(given: Option<&str>) -> Result<tracing::Level, SettingsRefused> {
    match given.unwrap_or_default().to_ascii_lowercase().as_str() {
        "error" => Ok(tracing::Level::ERROR),
        "warn" => Ok(tracing::Level::WARN),
        "" | "info" => Ok(tracing::Level::INFO),
        "debug" => Ok(tracing::Level::DEBUG),
        _ => Err(SettingsRefused::LogLevel),
    }
}

/// Whether another machine can find a server at this address: it names neither this machine nor every one.
pub fn is_found_elsewhere(address: &str) -> bool {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or(host);
    !names_this_machine(host) && !["0.0.0.0", "[::]"].iter().any(|every| host.starts_with(every))
}

/// Where a path leads, also if its end does not exist yet.
pub(crate) fn real(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let known = |above: &Path| Some(above.canonicalize().ok()?.join(whole.strip_prefix(above).ok()?));
    whole.ancestors().find_map(known).unwrap_or(whole.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_to_serve_says_where_phones_find_the_server() {
        let local = Settings::of_folder(Path::new("data"));
        assert_eq!(local.order("serve"), "langnghe serve --data data");
        let office = Settings { address: IpAddr::from([192, 168, 1, 10]), port: PORT, ..local.clone() };
        assert_eq!(office.order("serve"), "langnghe serve --data data --address 192.168.1.10");
        assert_eq!(office.order("approve"), "langnghe approve --data data");
        let proxied = Settings { public_address: Some("https://phuong.example".into()), port: 9_000, ..local };
        let order = "langnghe serve --data data --port 9000 --public-address https://phuong.example";
        assert_eq!(proxied.order("serve"), order);
    }

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
        for (address, port, expected) in [
            ("127.0.0.1", u16::MAX, Ok(())),
            ("0.0.0.0", u16::MAX, Err(SettingsRefused::NoPortForPages)),
            ("192.168.1.10", 8480, Ok(())),
        ] {
            let listening = Settings { address: address.parse().unwrap(), port, ..good.clone() };
            assert_eq!(listening.check(), expected, "{address}:{port}");
        }
        for same in ["data", "./data", "src/../data"] {
            let copied = Settings { second_copy: Some(same.into()), ..good.clone() };
            assert_eq!(copied.check(), Err(SettingsRefused::SecondCopy), "{same}");
        }
    }

    #[test]
    fn pages_share_the_port_of_the_phones_only_where_both_are_of_this_machine() {
        let of = |address: &str, public: Option<&str>, port| {
            let public_address = public.map(str::to_owned);
            let data = Path::new("data");
            let address = address.parse().unwrap();
            Settings { address, public_address, port, ..Settings::of_folder(data) }.pages_port()
        };
        assert_eq!(of("127.0.0.1", None, 8480), None);
        assert_eq!(of("::1", None, 8480), None);
        assert_eq!(of("127.0.0.1", Some("https://phuong.example"), 8480), Some(8481));
        for open in ["0.0.0.0", "::", "192.168.1.10"] {
            assert_eq!(of(open, None, 8480), Some(8481), "{open}");
            assert_eq!(of(open, None, 0), Some(0), "{open}");
        }
    }

    #[test]
    fn only_the_words_of_the_help_say_how_much_is_logged() {
        for (given, expected) in [
            (None, Ok(tracing::Level::INFO)),
            (Some(""), Ok(tracing::Level::INFO)),
            (Some("Error"), Ok(tracing::Level::ERROR)),
            (Some("debug"), Ok(tracing::Level::DEBUG)),
            (Some("banana"), Err(SettingsRefused::LogLevel)),
            (Some("server=debug"), Err(SettingsRefused::LogLevel)),
        ] {
            assert_eq!(log_level(given), expected, "{given:?}");
        }
    }

    #[test]
    fn an_address_of_this_machine_alone_is_found_by_no_phone() {
        for (address, expected) in [
            ("http://127.0.0.1:8480", false),
            ("http://localhost", false),
            ("http://[::1]:8480/", false),
            ("http://0.0.0.0:8480", false),
            ("http://[::]:8480", false),
            ("http://192.168.1.10:8480", true),
            ("https://phuong.example/langnghe", true),
        ] {
            assert_eq!(is_found_elsewhere(address), expected, "{address}");
        }
    }
}
