//! Spans and moments in words. All times are UTC and shown so.

use jiff::{SignedDuration, Timestamp, tz::Offset};

use super::Texts;

impl Texts {
    /// The largest unit that fits: `12 d`, `3 h`, `4 min`, `8 s`. Negative spans count as none.
    #[must_use]
    pub fn rough(self, span: SignedDuration) -> String {
        let secs = span.as_secs().max(0);
        match secs {
            0..60 => self.span_seconds(secs),
            60..3600 => self.span_minutes(secs / 60),
            3600..86_400 => self.span_hours(secs / 3600),
            _ => self.span_days(secs / 86_400),
        }
    }

    /// `4 min ago`, `in 57 min`, `now`.
    #[must_use]
    pub fn relative(self, at: Timestamp, now: Timestamp) -> String {
        let ago = now.duration_since(at);
        match ago.as_secs() {
            1.. => self.span_ago(self.rough(ago)),
            0 => self.span_now(),
            _ => self.span_ahead(self.rough(-ago)),
        }
    }

    /// A moment as it stands in a sentence: `2026-11-20 14:03 UTC`.
    #[must_use]
    pub fn moment(self, at: Timestamp) -> String {
        let at = Offset::UTC.to_datetime(at);
        self.date_time(at.strftime("%Y"), at.month(), at.day(), at.strftime("%H:%M"))
    }
}
