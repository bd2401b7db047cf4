//! The result of one part: figures and bars, for people on standard error and for programs as one line.

use serde_json::{Map, Value, json};

/// Figures and bars.
#[derive(Default)]
pub struct Report {
    figures: Map<String, Value>,
    bars: Vec<Value>,
    missed: u32,
}

impl Report {
    /// Notes a figure.
    pub fn figure(&mut self, name: &str, value: impl Into<Value>) {
        let value = rounded(value.into());
        eprintln!("  {name} = {value}");
        self.figures.insert(name.to_owned(), value);
    }

    /// A bar from above.
    pub fn at_most(&mut self, name: &str, value: f64, limit: f64) {
        self.bar(name, value, limit, (value <= limit, "at most"));
    }

    /// A bar from below.
    pub fn at_least(&mut self, name: &str, value: f64, limit: f64) {
        self.bar(name, value, limit, (value >= limit, "at least"));
    }

    fn bar(&mut self, name: &str, value: f64, limit: f64, (ok, side): (bool, &str)) {
        let word = if ok { "ok" } else { "MISSED" };
        let value = rounded(value.into());
        eprintln!("  {word:6} {name} = {value}, {side} {limit}");
        self.missed += u32::from(!ok);
        self.bars.push(json!({ "name": name, "value": value, "limit": limit, "ok": ok }));
    }

    /// Whether every bar is kept.
    pub fn is_kept(&self) -> bool {
        self.missed == 0
    }

    /// Everything in one line of JSON.
    pub fn line(mut self) -> String {
        self.figures.insert("bars".to_owned(), Value::Array(self.bars));
        Value::Object(self.figures).to_string()
    }
}

/// Four places are more than any of these figures can mean.
fn rounded(value: Value) -> Value {
    match value.as_f64() {
        Some(number) if value.is_f64() => json!((number * 1e4).round() / 1e4),
        Some(_) | None => value,
    }
}
