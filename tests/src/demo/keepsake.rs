//! What stays of a demo: the report page with its tables, as files that a browser opens without a server.

use std::fs;
use std::path::{Path, PathBuf};

use model::identity::CycleId;

use super::office::Office;
use super::{Told, failed};

/// The page's own name; the tables and drawings lie beside it.
pub const PAGE: &str = "report.html";

/// The tables that the page offers.
pub const TABLES: [&str; 2] = ["scores.csv", "progress.csv"];

const DRAWINGS: [&str; 2] = ["look.css", "icon.svg"];

/// The folder `demo` beside the folder that this program was built into: `target/demo`.
pub fn folder() -> Told<PathBuf> {
    let program = std::env::current_exe().map_err(failed("The demo does not know its own file"))?;
    let target = program.ancestors().nth(2).ok_or("the demo does not lie in a folder of cargo")?;
    Ok(target.join("demo"))
}

/// Writes the report of a cycle into a folder, over that of an earlier demo.
pub fn keep(office: &Office, cycle: CycleId, folder: &Path) -> Told<()> {
    fs::create_dir_all(folder).map_err(failed("The folder of the report could not be made"))?;
    let report = format!("/report/{cycle}");
    // Addresses of the server become names of files beside the page; its other pages are not kept.
    let cases = format!("<a class=\"btn\" href=\"/cases/{cycle}\">Hồ sơ đánh giá</a>");
    let page = without_ways(&office.page(&report)?).replace(&cases, "");
    let page = page.replace(&format!("{report}/"), "").replace("/assets/", "");
    write(folder, PAGE, &page.replace("href=\"/\"", &format!("href=\"{PAGE}\"")))?;
    for table in TABLES {
        write(folder, table, &office.page(&format!("{report}/{table}"))?)?;
    }
    for drawing in DRAWINGS {
        write(folder, drawing, &office.page(&format!("/assets/{drawing}"))?)?;
    }
    Ok(())
}

/// The page without the ways to other pages.
fn without_ways(page: &str) -> String {
    let ways = page.find("<nav class=\"ways\"").zip(page.find("</nav>"));
    ways.map_or_else(|| page.to_owned(), |(from, to)| format!("{}{}", &page[..from], &page[to + "</nav>".len()..]))
}

fn write(folder: &Path, name: &str, text: &str) -> Told<()> {
    fs::write(folder.join(name), text).map_err(failed("The report could not be written"))
}
