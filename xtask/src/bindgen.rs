//! Writes the Kotlin and Swift sources that belong to one built library; `cargo xtask bindings` calls it.
//!
//! A separate program, because it must be compiled apart from the library that it reads. It must run inside the
//! workspace: it asks `cargo metadata` where each crate's `uniffi.toml` lies.

use std::error::Error;

use uniffi_bindgen::bindings::{
    GenerateOptions, SwiftBindingsOptions, TargetLanguage, generate, generate_swift_bindings,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [language, library, folder] = arguments.as_slice() else {
        return Err("usage: bindgen <kotlin|swift> LIBRARY FOLDER".into());
    };
    match language.as_str() {
        "kotlin" => write_kotlin(library, folder),
        "swift" => write_swift(library, folder),
        unknown => Err(format!("bindgen writes kotlin or swift, not {unknown}").into()),
    }
}

/// `format: false`, or it would look for a Kotlin formatter on the machine.
fn write_kotlin(library: &str, folder: &str) -> Result<(), Box<dyn Error>> {
    Ok(generate(GenerateOptions {
        languages: vec![TargetLanguage::Kotlin],
        source: library.into(),
        out_dir: folder.into(),
        metadata_no_deps: true,
        format: false,
        ..GenerateOptions::default()
    })?)
}

/// No module map: the generated one names Apple-only modules, ours is three lines (`bindings.rs`).
fn write_swift(library: &str, folder: &str) -> Result<(), Box<dyn Error>> {
    Ok(generate_swift_bindings(SwiftBindingsOptions {
        generate_swift_sources: true,
        generate_headers: true,
        generate_modulemap: false,
        source: library.into(),
        out_dir: folder.into(),
        xcframework: false,
        module_name: None,
        modulemap_filename: None,
        metadata_no_deps: true,
        link_frameworks: Vec::new(),
        config: None,
    })?)
}
