//! The house as text: its files, their code without comments, texts and tests, and the crates that manifests name.

use std::fs;
use std::path::Path;

/// One source file, its path from the root of the house with `/`.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
    /// The text with comments and literals blanked; lines keep their numbers.
    pub(crate) code: String,
}

impl Source {
    /// Whether the whole file is compiled for tests only.
    pub(crate) fn is_test(&self) -> bool {
        let stem = self.path.rsplit('/').next().unwrap_or_default();
        self.path.starts_with("tests/") || stem == "tests.rs" || stem.ends_with("_tests.rs")
    }

    /// The code that is shipped: nothing of a test file, and no item under `#[cfg(test)]`.
    pub(crate) fn shipped(&self) -> String {
        if self.is_test() { String::new() } else { without_test_items(&self.code) }
    }
}

/// Every file of ours with one of these extensions; nothing generated, fetched or hidden.
pub(crate) fn sources(extensions: &[&str]) -> Vec<Source> {
    let mut sources = Vec::new();
    collect(Path::new(root()), extensions, &mut sources);
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(!sources.is_empty(), "no source of {extensions:?} was found");
    sources
}

pub(crate) fn root() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/..")
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", root())).unwrap_or_else(|error| panic!("{path} cannot be read: {error}"))
}

fn collect(folder: &Path, extensions: &[&str], into: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder of the house can be read") {
        let path = entry.expect("an entry of a folder can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "node_modules" {
                collect(&path, extensions, into);
            }
        } else if path.extension().is_some_and(|own| extensions.iter().any(|extension| own == *extension)) {
            let text = fs::read_to_string(&path).expect("a source is text");
            let from_root = path.strip_prefix(root()).expect("found below the root").to_string_lossy().into_owned();
            into.push(Source { path: from_root, code: code_of(&text), text });
        }
    }
}

/// Blanks comments, texts and character literals of Rust (Kotlin and Swift are close enough), byte by byte.
pub(crate) fn code_of(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = String::with_capacity(bytes.len());
    let mut position = 0;
    while position < bytes.len() {
        match length_of_prose(&bytes[position..], code.as_bytes().last().copied()) {
            0 => {
                code.push(if bytes[position].is_ascii() { char::from(bytes[position]) } else { ' ' });
                position += 1;
            }
            length => {
                blank(&bytes[position..position + length], &mut code);
                position += length;
            }
        }
    }
    code
}

/// How many bytes of prose start here; 0 where code goes on.
fn length_of_prose(bytes: &[u8], before: Option<u8>) -> usize {
    let follows_word = before.is_some_and(is_word);
    match bytes {
        [b'/', b'/', ..] => bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()),
        [b'/', b'*', ..] => block_comment(bytes),
        [b'"', ..] => 1 + quoted(&bytes[1..], b'"'),
        [b'r', b'"' | b'#', ..] if !follows_word => raw_text(bytes),
        [b'\'', b'\\', ..] => 1 + quoted(&bytes[1..], b'\''),
        [b'\'', first, ..] if !is_word(*first) || bytes.get(2) == Some(&b'\'') => 1 + quoted(&bytes[1..], b'\''),
        _ => 0,
    }
}

fn block_comment(bytes: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut position = 0;
    while position < bytes.len() {
        match &bytes[position..] {
            [b'/', b'*', ..] => (depth, position) = (depth + 1, position + 2),
            [b'*', b'/', ..] => (depth, position) = (depth - 1, position + 2),
            _ => position += 1,
        }
        if depth == 0 {
            return position;
        }
    }
    bytes.len()
}

/// The length up to and with the closing quote.
fn quoted(bytes: &[u8], quote: u8) -> usize {
    let mut is_escaped = false;
    for (position, byte) in bytes.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            byte if *byte == quote => return position + 1,
            _ => {}
        }
    }
    bytes.len()
}

fn raw_text(bytes: &[u8]) -> usize {
    let hashes = bytes[1..].iter().take_while(|byte| **byte == b'#').count();
    if bytes.get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let start = 2 + hashes;
    bytes[start..].windows(end.len()).position(|window| window == end).map_or(bytes.len(), |at| start + at + end.len())
}

fn blank(bytes: &[u8], code: &mut String) {
    code.extend(bytes.iter().map(|byte| if *byte == b'\n' { '\n' } else { ' ' }));
}

/// Blanks each item that follows `#[cfg(test)]`, up to its `;` or its closing brace.
fn without_test_items(code: &str) -> String {
    let mut shipped = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find("#[cfg(test)]") {
        let (before, item) = rest.split_at(start);
        let length = item_length(item.as_bytes());
        shipped.push_str(before);
        blank(&item.as_bytes()[..length], &mut shipped);
        rest = &item[length..];
    }
    shipped + rest
}

fn item_length(item: &[u8]) -> usize {
    let mut depth = 0_usize;
    for (position, byte) in item.iter().enumerate() {
        match byte {
            b';' if depth == 0 => return position + 1,
            b'{' => depth += 1,
            b'}' if depth == 1 => return position + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    item.len()
}

/// The numbers of the lines that hold `name` as whole words.
pub(crate) fn lines_with(code: &str, name: &str) -> Vec<usize> {
    let holds = |line: &str| {
        line.match_indices(name).any(|(start, found)| {
            let before = line[..start].bytes().last();
            let after = line[start + found.len()..].bytes().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    };
    code.lines().zip(1..).filter(|(line, _)| holds(line)).map(|(_, number)| number).collect()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// The crates that a manifest links: (crate, section), in the order of the file.
pub(crate) fn linked_by(manifest: &str) -> Vec<(String, String)> {
    let mut section = String::new();
    let mut linked = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        } else if section.ends_with("dependencies")
            && !line.starts_with('#')
            && let Some((name, _)) = line.split_once(['.', ' ', '='])
        {
            linked.push((name.to_owned(), section.clone()));
        }
    }
    linked
}
