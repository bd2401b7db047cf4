//! The demo as a person runs it: what it leaves behind, and what it does not.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// The demo with its scratch folder below this one.
fn started(scratch: &Path) -> Child {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"));
    let demo = demo.arg("--exit").env("TMPDIR", scratch).stdin(Stdio::null()).stdout(Stdio::piped());
    demo.spawn().expect("the demo is built")
}

fn lines(demo: &mut Child) -> impl Iterator<Item = String> + use<> {
    BufReader::new(demo.stdout.take().expect("it is piped")).lines().map(|line| line.expect("the demo speaks UTF-8"))
}

fn is_empty(folder: &Path) -> bool {
    folder.read_dir().expect("it is there").next().is_none()
}

#[test]
fn the_demo_ends_well_and_names_a_page_and_tables_that_are_there() {
    let scratch = tempfile::tempdir().expect("a folder");
    let mut demo = started(scratch.path());
    let told: Vec<String> = lines(&mut demo).collect();
    assert!(demo.wait().expect("it ends").success(), "{told:#?}");
    assert!(is_empty(scratch.path()), "the demo leaves its scratch folder behind");
    let words: Vec<&str> = told.iter().flat_map(|line| line.split_whitespace()).collect();
    let page = words.iter().find(|word| word.ends_with("report.html")).expect("a page is named");
    let html = std::fs::read_to_string(page).expect("the page is there");
    assert!(html.contains("Nộp muộn 2 ngày") && !html.contains("=\"/"), "an address of the server is left");
    for linked in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let is_here = linked.starts_with('#') || Path::new(page).with_file_name(linked).is_file();
        assert!(is_here, "{linked} does not lie beside the page");
    }
}

#[test]
fn an_interrupted_demo_leaves_no_folder_behind() {
    for signal in [Signal::INT, Signal::TERM] {
        let scratch = tempfile::tempdir().expect("a folder");
        let mut demo = started(scratch.path());
        let mut told = lines(&mut demo);
        // The first sentence comes when the server is at work in the folder.
        assert!(told.next().expect("a first sentence").starts_with("• "));
        assert!(!is_empty(scratch.path()));
        let demo_id = Pid::from_raw(i32::try_from(demo.id()).expect("a process has a small number")).expect("not zero");
        kill_process(demo_id, signal).expect("it is still there");
        assert_eq!(demo.wait().expect("it ends").code(), Some(tests::demo::scratch::INTERRUPTED));
        assert!(is_empty(scratch.path()), "{signal:?} leaves the scratch folder behind");
    }
}
