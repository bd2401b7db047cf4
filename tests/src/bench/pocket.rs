//! A phone under measurement as a process of its own: it does what it is asked, one line each, and says what it cost.

use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Instant;

use model::answer::Answer;
use phone::sync::http::Cancel;
use serde_json::{Value, json};

use super::measure::{Cpu, peak_bytes};
use crate::demo::pocket::Pocket;
use crate::demo::{Told, failed};

/// Papers of the first page.
pub const PAGE: u32 = 50;

/// Serves commands until its input ends.
pub fn serve(folder: &Path) -> Told<()> {
    let pocket = Pocket::open(folder, "phone")?;
    say(&json!({ "peak_bytes": peak_bytes(std::process::id())? }))?;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(failed("Nobody asks"))?;
        let answer = match line.as_str() {
            "synchronise" => synchronise(&pocket),
            "edit" => edit(&pocket),
            "list" => list(&pocket),
            other => Err(format!("unknown: {other}")),
        };
        say(&answer.unwrap_or_else(|sentence| json!({ "failed": sentence })))?;
    }
    Ok(())
}

fn synchronise(pocket: &Pocket) -> Told<Value> {
    let (before, started) = (Cpu::own()?, Instant::now());
    let summary = pocket.phone.synchronise(Cancel::new()).map_err(failed("synchronise"))?;
    Ok(json!({
        "cpu_s": Cpu::own()?.since(before),
        "wall_s": started.elapsed().as_secs_f64(),
        "requests": summary.requests,
        "sent": summary.sent,
        "received": summary.received,
        "waiting": summary.waiting,
        "body_bytes_up": summary.bytes_up,
        "body_bytes_down": summary.bytes_down,
        "peak_bytes": peak_bytes(std::process::id())?,
    }))
}

/// One more change of one paper.
fn edit(pocket: &Pocket) -> Told<Value> {
    let papers = pocket.phone.papers(None, 1).map_err(failed("papers"))?;
    let paper = papers.first().ok_or("there is no paper")?.paper;
    let text = "Bổ sung: đã hoàn thành báo cáo quý đúng hạn.".to_owned();
    pocket.answer(paper, "strengths", Answer::Text { text })?;
    Ok(json!({ "peak_bytes": peak_bytes(std::process::id())? }))
}

/// The first page of the list, before any paper was opened.
fn list(pocket: &Pocket) -> Told<Value> {
    let (before, started) = (Cpu::own()?, Instant::now());
    let papers = pocket.phone.papers(None, PAGE).map_err(failed("papers"))?;
    let wall_ms = started.elapsed().as_secs_f64() * 1e3;
    Ok(json!({ "papers": papers.len(), "wall_ms": wall_ms, "cpu_ms": Cpu::own()?.since(before) * 1e3 }))
}

fn say(answer: &Value) -> Told<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{answer}").and_then(|()| out.flush()).map_err(failed("Nobody listens"))
}
