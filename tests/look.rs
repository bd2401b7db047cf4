//! The colours of the office's pages: what is read or looked at stands out in light, in dark and on paper.
#![expect(clippy::float_arithmetic, reason = "contrast is defined with powers (WCAG 2.2); nothing is decided by it")]

use std::collections::BTreeMap;

use Kind::{Graphic, Text};

const LOOK: &str = concat!(
    include_str!("../server/assets/look.css"),
    include_str!("../server/assets/result.css"),
    include_str!("../server/assets/cases.css")
);

/// A sheet to hang up: it has its own colours, the same on every screen.
const POSTER: &str = include_str!("../server/assets/poster.css");

/// A signed paper, likewise.
const PAPER: &str = include_str!("../server/assets/paper.css");

/// The three sets of colours, each after the words that begin it in the stylesheet.
const THEMES: [(&str, &str); 3] =
    [("light", ":root {"), ("dark", "prefers-color-scheme: dark) {\n  :root {"), ("paper", "print {\n  :root {")];

/// What a colour is for. Source: WCAG 2.2, 1.4.3 and 1.4.11.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Letters, also small ones: 4.5 to 1.
    Text,
    /// Bars, edges of what can be pressed, icons: 3 to 1.
    Graphic,
}

/// What stands on what somewhere on a page.
const PAIRS: [(&str, &str, Kind); 31] = [
    ("ink", "ground", Text),
    ("ink", "surface", Text),
    ("ink", "sunken", Text),
    ("ink", "chamSoft", Text),
    ("ink", "sonSoft", Text),
    ("ink2", "ground", Text),
    ("ink2", "surface", Text),
    ("cham", "ground", Text),
    ("cham", "surface", Text),
    ("cham", "sunken", Text),
    ("cham", "chamSoft", Text),
    ("onCham", "cham", Text),
    ("nghe", "ngheSoft", Text),
    ("son", "sonSoft", Text),
    ("onDone", "done", Text),
    ("onDoing", "doing", Text),
    ("ink2", "sunken", Text),
    ("onLow", "low", Text),
    ("onLower", "lower", Text),
    ("onMiddle", "middle", Text),
    ("onHigher", "higher", Text),
    ("onHigh", "high", Text),
    ("done", "surface", Graphic),
    ("doing", "surface", Graphic),
    ("edge", "ground", Graphic),
    ("edge", "surface", Graphic),
    ("ngheEdge", "surface", Graphic),
    ("ngheEdge", "ngheSoft", Graphic),
    ("sonEdge", "ground", Graphic),
    ("sonEdge", "surface", Graphic),
    ("sonEdge", "sonSoft", Graphic),
];

/// Lines that only please the eye: nothing is lost by whoever does not see them.
const DECORATION: &str = "line";

/// The colours of a theme by name; paper and dark keep the light ones that they do not name.
fn colours(start: &str) -> BTreeMap<&'static str, &'static str> {
    named(LOOK, THEMES[0].1).chain(named(LOOK, start)).collect()
}

fn named(sheet: &'static str, start: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let (_, rest) = sheet.split_once(start).expect("the theme is there");
    let (block, _) = rest.split_once('}').expect("the theme ends");
    block.lines().filter_map(|line| line.trim().strip_prefix("--")?.trim_end_matches(';').split_once(": "))
}

/// Relative luminance of `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let share = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("two hexadecimal digits")) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_measured_as_the_standard_does() {
    assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 0.01);
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
}

#[test]
fn whatever_is_read_or_looked_at_stands_out_in_every_theme() {
    let weak = |(theme, start): (&str, &str)| {
        let colours = colours(start);
        let measured = PAIRS.map(|(front, back, kind)| (front, back, kind, contrast(colours[front], colours[back])));
        let is_weak = |kind: Kind, contrast: f64| match kind {
            Text => contrast < 4.5,
            Graphic => contrast < 3.0,
        };
        let weak = measured.into_iter().filter(|(.., kind, contrast)| is_weak(*kind, *contrast));
        weak.map(|pair| format!("{theme}: {pair:?}")).collect::<Vec<_>>()
    };
    let weak: Vec<String> = THEMES.into_iter().flat_map(weak).collect();
    assert!(weak.is_empty(), "\n{}\n", weak.join("\n"));
}

#[test]
fn paper_is_black_on_white_also_from_a_dark_screen() {
    let tones = ["line", "done", "doing", "low", "lower", "middle", "higher", "high"];
    let paper = colours(THEMES[2].1);
    let is_tone = |name: &str| tones.contains(&name) || name.starts_with("on");
    for (name, colour) in paper.iter().filter(|(name, _)| !is_tone(name)) {
        assert!(["#000000", "#ffffff"].contains(colour), "--{name} is {colour} on paper");
    }
    assert!(LOOK.contains("@media screen and (prefers-color-scheme: dark)"), "paper must not inherit a dark screen");
}

#[test]
fn a_poster_has_the_colours_of_the_pages_and_is_never_dark() {
    let (light, poster) = (colours(THEMES[0].1), named(POSTER, ":root {").collect::<BTreeMap<_, _>>());
    let own = [("ground", "#ffffff"), ("ink", "#000000")];
    for (name, colour) in &poster {
        let expected = own.iter().find(|(own, _)| own == name).map_or(light.get(name), |(_, colour)| Some(colour));
        assert_eq!(Some(colour), expected, "--{name}");
    }
    assert!(!POSTER.contains("prefers-color-scheme") && POSTER.matches('#').count() == poster.len());
    assert!(POSTER.contains("print-color-adjust: exact") && POSTER.contains("size: A4"));
}

/// Source: look 7, Nghị định 30/2020/NĐ-CP, Phụ lục I.
#[test]
fn a_signed_paper_is_black_on_white_with_the_margins_and_the_letters_of_official_papers() {
    let light = colours(THEMES[0].1);
    let (_, declared) = PAPER.split_once(":root { ").expect("the sheet has colours");
    let (declared, _) = declared.split_once('}').expect("they end");
    let own: BTreeMap<&str, &str> =
        declared.split("; ").filter_map(|line| line.trim().strip_prefix("--")?.split_once(": ")).collect();
    assert_eq!((own["paper"], own["ink"]), ("#ffffff", "#000000"));
    assert_eq!((own["desk"], own["cham"]), (light["sunken"], light["cham"]), "around the sheet it is a page of ours");
    assert!(!PAPER.contains("prefers-color-scheme") && PAPER.matches('#').count() == own.len());
    for rule in [
        "size: A4;",
        "margin: 20mm 15mm 20mm 30mm;",
        "@top-center { content: counter(page);",
        "@page :first { @top-center { content: none; } }",
        "\"Times New Roman\", \"Liberation Serif\", Tinos",
        "thead { display: table-header-group; }",
        "tr { break-inside: avoid; }",
        ":nth-last-child(3), .sheet > :nth-last-child(4), .sheet > :nth-last-child(5) { break-after: avoid; }",
        "break-inside: avoid; break-before: avoid;",
    ] {
        assert!(PAPER.contains(rule), "{rule}");
    }
}

/// Names in `property: … var(--name)` of the properties that colour something.
fn used(properties: &[&str]) -> Vec<&'static str> {
    let declarations = LOOK.split([';', '{', '}']).map(str::trim).filter_map(|line| line.split_once(": "));
    let coloured = declarations.filter(|(property, _)| properties.contains(property));
    let names = coloured.filter_map(|(_, value)| Some(value.split_once("var(--")?.1.split_once(')')?.0));
    names.collect()
}

#[test]
fn every_colour_that_is_used_is_measured() {
    let fronts =
        ["color", "fill", "stroke", "border", "border-color", "border-left", "border-bottom", "outline", "box-shadow"];
    for name in used(&fronts) {
        let is_measured = PAIRS.iter().any(|(front, back, _)| *front == name || *back == name);
        assert!(is_measured || name == DECORATION, "look.css draws with --{name}, which no pair measures");
    }
    for name in used(&["background"]) {
        assert!(PAIRS.iter().any(|(_, back, _)| *back == name), "nothing is measured on --{name}");
    }
}

#[test]
fn every_colour_has_a_name_in_its_theme() {
    let named: usize = THEMES
        .iter()
        .map(|(_, start)| LOOK.split_once(start).expect("the theme is there").1)
        .map(|rest| rest.split_once('}').expect("the theme ends").0.matches('#').count())
        .sum();
    assert_eq!(LOOK.matches('#').count(), named, "look.css has a colour outside its themes");
}
