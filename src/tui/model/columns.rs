//! The columns of the table, and which of them somebody wants to see.

use crate::domain::find::SortKey;

/// A column of the table of customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Column {
    Id,
    Name,
    Email,
    Site,
    Group,
    Since,
    LastIn,
    Tokens,
    State,
}

impl Column {
    /// Those that can be left out. Without name and address nobody would know whom a row is about.
    pub const OPTIONAL: [Self; 7] =
        [Self::Id, Self::Site, Self::Group, Self::Since, Self::LastIn, Self::Tokens, Self::State];

    /// What it is called in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Email => "email",
            Self::Site => "site",
            Self::Group => "group",
            Self::Since => "since",
            Self::LastIn => "last-in",
            Self::Tokens => "tokens",
            Self::State => "state",
        }
    }

    /// What the rows are sorted by when this column is marked.
    #[must_use]
    pub const fn sort_key(self) -> Option<SortKey> {
        match self {
            Self::Id => Some(SortKey::Id),
            Self::Name => Some(SortKey::Name),
            Self::Email => Some(SortKey::Email),
            Self::Since => Some(SortKey::Created),
            Self::LastIn => Some(SortKey::LastSignIn),
            Self::Site | Self::Group | Self::Tokens | Self::State => None,
        }
    }
}

/// Which columns are wanted; by default all, as far as there is room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    hidden: Vec<Column>,
}

impl Columns {
    /// Only these, by their names, beside name and address.
    ///
    /// # Errors
    /// A sentence about the first name that is none.
    pub fn named(names: &[String]) -> Result<Self, String> {
        let known = |name: &&String| Column::OPTIONAL.iter().any(|column| column.name() == name.as_str());
        if let Some(wrong) = names.iter().find(|name| !known(name)) {
            let all: Vec<String> = Column::OPTIONAL.iter().map(|column| format!("\"{}\"", column.name())).collect();
            return Err(format!("\"{wrong}\" is no column that can be chosen. Use some of {}.", all.join(", ")));
        }
        let is_hidden = |column: &Column| !names.iter().any(|name| name == column.name());
        Ok(Self { hidden: Column::OPTIONAL.into_iter().filter(is_hidden).collect() })
    }

    /// Whether a column is wanted.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        !self.hidden.contains(&column)
    }

    /// Whether nobody chose: then the room decides.
    #[must_use]
    pub const fn is_automatic(&self) -> bool {
        self.hidden.is_empty()
    }

    /// Shows a column that was hidden, or hides it.
    pub fn toggle(&mut self, column: Column) {
        let before = self.hidden.len();
        self.hidden.retain(|hidden| *hidden != column);
        if self.hidden.len() == before {
            self.hidden.push(column);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_chosen_by_name() {
        let named = |names: &[&str]| Columns::named(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let mut some = named(&["id", "last-in"]).unwrap();
        assert!(some.has(Column::LastIn) && some.has(Column::Name) && !some.has(Column::State));
        some.toggle(Column::State);
        some.toggle(Column::Id);
        assert!(some.has(Column::State) && !some.has(Column::Id));
        assert_eq!(named(&Column::OPTIONAL.map(Column::name)), Ok(Columns::default()));
        assert!(
            named(&["name"]).unwrap_err().starts_with("\"name\" is no column that can be chosen. Use some of \"id\"")
        );
    }
}
