//! Plain text in columns, for eyes and screen readers alike.

use unicode_width::UnicodeWidthStr;

/// Rows under a head, columns two spaces apart, aligned by what a terminal shows: a Hangul
/// syllable is two cells wide.
#[must_use]
pub fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> Vec<String> {
    let head = head.map(str::to_owned);
    let all = || std::iter::once(&head).chain(rows);
    let mut widths = [0; N];
    for row in all() {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    all().map(|row| line(row.iter().zip(widths))).collect()
}

/// Labels and values, the values below each other. What has no value is left out.
#[must_use]
pub fn pairs(pairs: &[(&str, String)]) -> Vec<String> {
    let shown = || pairs.iter().filter(|(_, value)| !value.is_empty());
    let width = shown().map(|(label, _)| label.width()).max().unwrap_or(0);
    shown().map(|(label, value)| line([(&(*label).to_owned(), width), (value, 0)].into_iter())).collect()
}

fn line<'a>(cells: impl Iterator<Item = (&'a String, usize)>) -> String {
    let mut line = String::new();
    for (cell, width) in cells {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let rows = [["1", "홍길동", "hong@example.kr"], ["48210", "Vera Cosgrove", "v@example.org"]];
        let lines = table(["ID", "NAME", "E-MAIL"], &rows.map(|row| row.map(str::to_owned)));
        assert_eq!(
            lines,
            [
                "ID     NAME           E-MAIL",
                "1      홍길동         hong@example.kr",
                "48210  Vera Cosgrove  v@example.org",
            ]
        );
    }

    #[test]
    fn nothing_trails() {
        let lines = table(["ID", "NAME"], &[["1".to_owned(), String::new()]]);
        assert_eq!(lines, ["ID  NAME", "1"]);
    }

    #[test]
    fn values_stand_below_each_other() {
        let lines = pairs(&[("E-mail", "a@b.co".into()), ("Phone", String::new()), ("Last sign-in", "never".into())]);
        assert_eq!(lines, ["E-mail        a@b.co", "Last sign-in  never"]);
    }
}
