//! What is said about failures that nobody planned for.

use std::{
    io::{self, Write},
    panic,
};

use color_eyre::config::{HookBuilder, Theme};

use crate::domain::safe_text;

/// From now on panics and unplanned errors are reported line by line, without colours, and with
/// nothing in them that a terminal obeys: a panic may repeat a customer's text.
///
/// # Errors
/// When reports are installed already.
pub fn install() -> color_eyre::Result<()> {
    let (panics, errors) = HookBuilder::blank().theme(Theme::new()).add_default_filters().into_hooks();
    errors.install()?;
    panic::set_hook(Box::new(move |info| {
        let report = panics.panic_report(info).to_string();
        let lines: Vec<String> = report.lines().map(safe_text::line).collect();
        // Nobody is left to tell when even this cannot be written.
        let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
    }));
    Ok(())
}
