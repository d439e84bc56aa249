//! Times and durations in words. All times are UTC and shown so.

use jiff::{SignedDuration, Timestamp};

/// `2026-11-20 14:03`
#[must_use]
pub fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// `2026-11-20`
#[must_use]
pub fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// `2026-11-20 14:03:09 UTC`
#[must_use]
pub fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Time left on a countdown, rounded up to whole seconds: `07:12`, `1:07:12`, `0:00` when over.
#[must_use]
pub fn countdown(left: SignedDuration) -> String {
    let millis = left.as_millis().max(0);
    let secs = (millis + 999) / 1000;
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{secs:02}") } else { format!("{minutes:02}:{secs:02}") }
}

/// The largest unit that fits: `12 d`, `3 h`, `4 min`, `8 s`. Negative durations count as none.
#[must_use]
pub fn rough(span: SignedDuration) -> String {
    let secs = span.as_secs().max(0);
    match secs {
        0..60 => format!("{secs} s"),
        60..3600 => format!("{} min", secs / 60),
        3600..86_400 => format!("{} h", secs / 3600),
        _ => format!("{} d", secs / 86_400),
    }
}

/// `4 min ago`, `in 57 min`, `now`.
#[must_use]
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let ago = now.duration_since(at);
    match ago.as_secs() {
        1.. => format!("{} ago", rough(ago)),
        0 => "now".to_owned(),
        _ => format!("in {}", rough(-ago)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_down_in_whole_seconds() {
        let left = |ms| countdown(SignedDuration::from_millis(ms));
        assert_eq!(left(432_000), "07:12");
        assert_eq!(left(1), "00:01");
        assert_eq!(left(-5), "00:00");
        assert_eq!(left(4_032_000), "1:07:12");
    }

    #[test]
    fn speaks_of_the_largest_unit() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let at = |text: &str| relative(text.parse().unwrap(), now);
        assert_eq!(at("2026-11-20T11:56:00Z"), "4 min ago");
        assert_eq!(at("2026-11-20T12:57:30Z"), "in 57 min");
        assert_eq!(at("2026-11-08T12:00:00Z"), "12 d ago");
        assert_eq!(at("2026-11-20T12:00:00Z"), "now");
    }
}
