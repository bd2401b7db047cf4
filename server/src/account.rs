//! Whose the data folder is. The superuser may write everywhere, and what it makes locks the server's account out.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Where a system writes the names of its accounts.
const ACCOUNTS_FILE: &str = "/etc/passwd";

/// The folder belongs to another account than the superuser, who runs this.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnotherAccount {
    /// Its name, or `#` and its number where it has none: as `sudo -u` takes it.
    pub owner: String,
}

/// Refuses the superuser in a folder of somebody else; one that does not exist yet will be the superuser's own.
pub fn check(folder: &Path) -> Result<(), AnotherAccount> {
    let Ok(found) = std::fs::metadata(folder) else { return Ok(()) };
    if !rustix::process::geteuid().is_root() || found.uid() == rustix::process::Uid::ROOT.as_raw() {
        return Ok(());
    }
    let accounts = std::fs::read(ACCOUNTS_FILE).unwrap_or_default();
    Err(AnotherAccount { owner: name_of(&String::from_utf8_lossy(&accounts), found.uid()) })
}

/// One account a line: name, password, number, and more.
fn name_of(accounts: &str, number: u32) -> String {
    let number = number.to_string();
    let named = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(&number)).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| format!("'#{number}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_without_a_name_is_called_by_its_number() {
        let accounts = "root:x:0:0::/root:/bin/sh\nlangnghe:x:990:990::/var/lib/langnghe:/sbin/nologin\nbroken";
        assert_eq!(name_of(accounts, 990), "langnghe");
        assert_eq!(name_of(accounts, 991), "'#991'");
    }
}
