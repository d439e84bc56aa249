//! keydesk.

fn main() {}
