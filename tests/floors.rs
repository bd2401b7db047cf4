//! Who may import whom, who may name what, and how a file looks: the structure of the house, read from its text.
//!
//! Each failure is a sentence: the file, the rule, and where the code belongs. The rules are data in `floors/tables.rs`.

#[path = "floors/source.rs"]
mod source;
#[path = "floors/tables.rs"]
mod tables;

use source::{Source, code_of, lines_with, linked_by, read, sources};
use tables::{
    BYTES_DROPPED, CITED, CRATES, CrateRule, EMPTY_WORDS, FILE_LINES_MAX, NAMES, NameRule, SOURCE_EXTENSIONS,
    TRAITS_WITHOUT_TWO, TestCode,
};

/// Fails with every broken rule at once, one sentence a line.
#[track_caller]
fn check(broken: Vec<String>) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn every_crate_links_only_the_floors_below_it() {
    let ours: Vec<&str> = CRATES.iter().map(|rule| rule.name).collect();
    let crossed = |rule: &CrateRule, (name, section): (String, String)| {
        let is_above = ours.contains(&name.as_str()) && !rule.may_link.contains(&name.as_str());
        let is_foreign = rule.never_links.contains(&name.as_str());
        let (folder, because) = (rule.folder, rule.because);
        (is_above || is_foreign).then(|| format!("{folder}/Cargo.toml links {name} in [{section}]: {because}."))
    };
    let of_crate = |rule: &'static CrateRule| {
        let linked = linked_by(&read(&format!("{}/Cargo.toml", rule.folder)));
        linked.into_iter().filter_map(move |link| crossed(rule, link))
    };
    check(CRATES.iter().flat_map(of_crate).collect());
}

#[test]
fn every_crate_of_the_workspace_has_its_floor() {
    let manifest = read("Cargo.toml");
    let members = manifest.lines().find_map(|line| line.strip_prefix("members = ")).expect("one line of members");
    let folders: Vec<&str> = members.split('"').skip(1).step_by(2).collect();
    let unknown = folders.iter().filter(|folder| !CRATES.iter().any(|rule| rule.folder == **folder));
    check(unknown.map(|folder| format!("{folder} is a crate without a line in tests/floors/tables.rs.")).collect());
}

#[test]
fn rare_things_are_named_only_where_they_belong() {
    let sources = sources(&["rs"]);
    check(NAMES.iter().flat_map(|rule| sources.iter().flat_map(|source| broken_names(rule, source))).collect());
}

#[test]
fn nothing_drops_signed_bytes() {
    let is_house = |source: &Source| source.path.starts_with("core/") || source.path.starts_with("server/");
    let shipped = sources(&["rs", "sql"]).into_iter().filter(|source| is_house(source) && !source.is_test());
    let dropped = |source: Source| {
        let text = source.text.to_lowercase();
        let named = BYTES_DROPPED.iter().filter(move |sql| text.contains(**sql));
        named.map(move |sql| format!("{} says `{sql}`: signed bytes stay for ever.", source.path)).collect::<Vec<_>>()
    };
    check(shipped.flat_map(dropped).collect());
}

fn broken_names(rule: &NameRule, source: &Source) -> Vec<String> {
    if !source.path.starts_with(rule.within) || rule.only.iter().any(|pattern| matches(pattern, &source.path)) {
        return Vec::new();
    }
    let shipped = if rule.test_code == TestCode::IsFree { source.shipped() } else { source.code.clone() };
    let broken = |name: &&str| {
        let line = lines_with(&shipped, name).first().copied()?;
        Some(format!("{}:{line} names `{name}`: {}.", source.path, rule.belongs))
    };
    rule.names.iter().filter_map(broken).collect()
}

/// A file, a folder that ends with `/`, or a beginning that ends with `*`.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None if pattern.ends_with('/') => path.starts_with(pattern),
        None => path == pattern,
    }
}

#[test]
fn no_file_is_longer_than_one_noun() {
    let too_long = |source: Source| {
        let lines = source.text.lines().count();
        let path = source.path;
        (lines > FILE_LINES_MAX)
            .then(|| format!("{path} has {lines} lines, more than {FILE_LINES_MAX}: it holds more than one noun."))
    };
    check(sources(SOURCE_EXTENSIONS).into_iter().filter_map(too_long).collect());
}

#[test]
fn every_file_and_module_is_named_by_a_noun_of_the_trade() {
    let broken = |source: Source| {
        let modules = source.code.lines().filter_map(module_name).map(str::to_owned);
        let named: Vec<String> = source.path.split('/').map(str::to_owned).chain(modules).collect();
        let empty = named.into_iter().filter(|name| words(name).iter().any(|word| is_empty_word(word)));
        empty.map(|name| format!("{} is named `{name}`, which says nothing: name the noun inside.", source.path)).next()
    };
    check(sources(SOURCE_EXTENSIONS).into_iter().filter_map(broken).collect());
}

/// `pub(crate) mod store;` has the name `store`.
fn module_name(line: &str) -> Option<&str> {
    let (before, name) = line.trim().split_once("mod ")?;
    let is_declaration = before.is_empty() || before.starts_with("pub");
    is_declaration.then(|| name.trim_end_matches([';', '{', '}', ' ']))
}

/// `StoreManager.kt` has the words store, manager and kt.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if !letter.is_alphanumeric() || letter.is_uppercase() {
            words.push(String::new());
        }
        words.last_mut().expect("never empty").extend(letter.to_lowercase().filter(|letter| letter.is_alphanumeric()));
    }
    words
}

fn is_empty_word(word: &str) -> bool {
    EMPTY_WORDS.iter().any(|empty| word == *empty || word.strip_suffix('s') == Some(empty))
}

#[test]
fn every_trait_of_ours_has_two_implementors() {
    let sources = sources(&["rs"]);
    let implementors = |name: &str| {
        let implements = |line: &str| line.trim_start().starts_with("impl") && line.contains(&format!("{name} for "));
        sources.iter().flat_map(|source| source.code.lines()).filter(|line| implements(line)).count()
    };
    let lonely = |(path, name): (&str, String)| {
        let count = implementors(&name);
        (count < 2 && !TRAITS_WITHOUT_TWO.contains(&name.as_str())).then(|| {
            format!("{path} declares the trait {name} with {count} implementors: use an enum, a closure or the type.")
        })
    };
    let declared = sources.iter().flat_map(|source| {
        source.code.lines().filter_map(trait_name).map(|name| (source.path.as_str(), name.to_owned()))
    });
    check(declared.filter_map(lonely).collect());
}

/// `pub trait Listener: Send {` declares `Listener`.
fn trait_name(line: &str) -> Option<&str> {
    let (before, name) = line.trim().split_once("trait ")?;
    let is_declaration = before.split_whitespace().all(|word| word.starts_with("pub") || word == "unsafe");
    let end = name.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(name.len());
    is_declaration.then(|| &name[..end])
}

#[test]
fn every_rule_and_property_that_is_cited_is_written_down() {
    let sources = sources(&["rs", "sql", "kt"]);
    let uncited = |(letter, list): &(char, &str)| {
        let written = read(list);
        let missing = |(path, label): (&str, String)| {
            let is_there = written.contains(&format!("| {label} |"));
            (!is_there).then(|| format!("{path} cites {label}, which {list} does not have."))
        };
        let cited = sources
            .iter()
            .flat_map(|source| labels(&source.text, *letter).into_iter().map(|label| (source.path.as_str(), label)));
        cited.filter_map(missing).collect::<Vec<_>>()
    };
    check(CITED.iter().flat_map(uncited).collect());
}

/// "R3, R10-R12" cites R3, R10 and R12: words of one letter and one or two digits.
fn labels(text: &str, letter: char) -> Vec<String> {
    let words = text.split(|sign: char| !sign.is_alphanumeric() && sign != '_');
    let is_label = |word: &&str| {
        let digits = word.strip_prefix(letter).unwrap_or_default();
        (1..=2).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
    };
    words.filter(is_label).map(str::to_owned).collect()
}

#[test]
fn every_identifier_of_the_glossary_exists() {
    let sources = sources(&["rs"]);
    let glossary = read("core/model/GLOSSARY.md");
    let linked = glossary.split("[`").skip(1).filter_map(|rest| rest.split_once("`]")).map(|(link, _)| link);
    let missing = |link: &str| {
        let names: Vec<&str> = link.split("::").collect();
        let modules = names.iter().take_while(|name| name.starts_with(char::is_lowercase)).count();
        let file = |count: usize| format!("core/model/src/{}.rs", names[..count].join("/"));
        // A function is written small like a module: the longest beginning that is a file is the module.
        let module = (1..=modules).rev().find_map(|count| Some((count, find(&sources, &file(count))?)));
        let exists = module.is_some_and(|(count, source)| {
            names[count..].iter().all(|name| !lines_with(&source.code, name).is_empty())
        });
        (!exists).then(|| format!("core/model/GLOSSARY.md links `{link}`, which does not exist."))
    };
    check(linked.filter_map(missing).collect());
}

fn find<'a>(sources: &'a [Source], path: &str) -> Option<&'a Source> {
    sources.iter().find(|source| source.path == path)
}

#[test]
fn the_generator_has_the_version_of_the_library_that_it_reads() {
    let manifest = read("Cargo.toml");
    let version = |name: &str| {
        let line = manifest.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_prefix('='));
        line.unwrap_or_else(|| panic!("Cargo.toml has no line for {name}")).trim().to_owned()
    };
    assert_eq!(version("uniffi "), version("uniffi_bindgen "), "Cargo.toml: raise uniffi and uniffi_bindgen together");
}

#[test]
fn no_lock_of_npm_names_a_download_address() {
    let locks = sources(&["json"]).into_iter().filter(|source| source.path.ends_with("package-lock.json"));
    let named = locks.filter(|source| source.text.contains("\"resolved\"") || source.text.contains("://"));
    let sentence = |lock: Source| {
        let path = lock.path;
        format!("{path} names a download address: write it with `npm install --omit-lockfile-registry-resolved`.")
    };
    check(named.map(sentence).collect());
}

#[test]
fn comments_texts_and_tests_are_not_code() {
    let blanked = |text: &str, name: &str| assert_eq!(lines_with(&code_of(text), name), [0_usize; 0], "{text}");
    blanked("// rusqlite\n/* rusqlite /* rusqlite */ rusqlite */", "rusqlite");
    blanked("let text = \"a \\\" rusqlite\"; let raw = r#\"rusqlite \" rusqlite\"#;", "rusqlite");
    blanked("let quote = '\"'; let word = \"rusqlite\"; let end = '\\'';", "rusqlite");
    blanked("fn rusqlite_row() { rusqlites(); }", "rusqlite");
    assert_eq!(lines_with(&code_of("// one\nfn f<'a>(x: &'a str) -> rusqlite::Result<'a> {}"), "rusqlite"), [2]);
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { Instant::now(); }\n}\nfn c() { Instant::now(); }";
    let source = Source { path: "core/x.rs".into(), text: text.into(), code: code_of(text) };
    assert_eq!(lines_with(&source.shipped(), "Instant::now"), [6]);
}
