//! What is wrong with what was typed to search, in words.

use super::Texts;
use crate::domain::{
    audit_query::{self, AuditQueryError},
    query::{self, ONE_ONLY, QueryError},
};

impl Texts {
    /// Why a search cannot be run, and what to type instead.
    #[must_use]
    pub fn query_problem(self, problem: &QueryError) -> String {
        match problem {
            QueryError::UnknownField(field) => self.query_unknown_field(field),
            QueryError::NoValue(field) => self.query_no_value(field),
            QueryError::BadValue { field, value, wanted } => {
                let wanted = match *field {
                    _ if *wanted == ONE_ONLY => self.query_wants_one(),
                    "phone" => self.query_wants_phone(),
                    "id" => self.query_wants_id(),
                    "is" => self.query_wants_is(),
                    "has" => self.query_wants_has(),
                    "created" => self.query_wants_created(),
                    _ => (*wanted).to_owned(),
                };
                self.query_bad_value(field, value, wanted)
            }
            QueryError::TooLong => self.query_too_long(query::MAX_CHARS),
            QueryError::TooManyWords => self.query_too_many_words(query::MAX_TERMS),
        }
    }

    /// Why a filter of the audit log cannot be used, and what to type instead.
    #[must_use]
    pub fn filter_problem(self, problem: &AuditQueryError) -> String {
        match problem {
            AuditQueryError::UnknownField(field) => self.filter_unknown_field(field),
            AuditQueryError::NoField(word) => self.filter_no_field(word),
            AuditQueryError::NoValue(field) => self.query_no_value(field),
            AuditQueryError::Twice(field) => self.filter_twice(field),
            AuditQueryError::BadValue { field, value, wanted } => {
                let wanted = match *field {
                    "operator" => self.filter_wants_operator(),
                    "action" => self.filter_wants_action(),
                    "customer" => self.filter_wants_customer(),
                    "since" => self.filter_wants_since(),
                    "until" => self.filter_wants_until(),
                    _ => (*wanted).to_owned(),
                };
                self.query_bad_value(field, value, wanted)
            }
            AuditQueryError::TooLong => self.filter_too_long(audit_query::MAX_CHARS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::query::Query;

    #[test]
    fn english_says_what_the_domain_says_and_no_other_language_does() {
        let long = "x".repeat(query::MAX_CHARS + 1);
        let many = (0..=query::MAX_TERMS).map(|n| n.to_string() + "w").collect::<Vec<_>>().join(" ");
        let searches = [
            "foo:bar",
            "email:",
            "phone:x",
            "id:x",
            "id:1 id:2",
            "group:a group:b",
            "website:a website:b",
            "is:x",
            "has:x",
            "created:x",
            &long,
            &many,
        ];
        let filters = [
            "foo:bar",
            "word",
            "operator:",
            "operator:a operator:b",
            "operator:\"\u{20}\"",
            "action:x",
            "customer:x",
            "since:x",
            "until:x",
            &long,
        ];
        let said = |texts: Texts| {
            let searches = searches.iter().filter_map(|text| Query::parse(text).err());
            let filters = filters.iter().filter_map(|text| audit_query::parse(text).err());
            let searches = searches.map(|problem| (texts.query_problem(&problem), problem.to_string()));
            let filters = filters.map(|problem| (texts.filter_problem(&problem), problem.to_string()));
            searches.chain(filters).collect::<Vec<_>>()
        };
        assert_eq!(said(Texts::default()).len(), searches.len() + filters.len());
        for (words, of_domain) in said(Texts::default()) {
            assert_eq!(words, of_domain);
        }
        for (words, of_domain) in said(Texts::of("ko")) {
            assert!(words != of_domain && !words.contains(" try ") && !words.contains(" a "), "{words}");
        }
    }
}
