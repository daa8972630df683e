//! Which fields does an endpoint have, and what may be done with each?

/// Type of a field, as far as filters and sorting need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Integer (ids, counts, epoch milliseconds).
    Int,
    /// Text.
    Text,
    /// `true` / `false`.
    Bool,
    /// One of a closed set; filters support equality only (contract 2.2).
    Enum(&'static [&'static str]),
    /// Array of integers.
    Ints,
    /// Array of texts.
    Texts,
    /// Array of objects with these fields; or, only selected and never filtered, one such object.
    Objects(&'static [Column]),
    /// Free JSON: can be selected, never filtered.
    Json,
}

/// One field of an endpoint's objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name on the wire.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// May appear in `filter`.
    pub filter: bool,
    /// May appear in `sort`.
    pub sort: bool,
}

impl Column {
    /// A field that can be selected, filtered and sorted by.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            filter: true,
            sort: true,
        }
    }

    /// The same, but refused in `sort`.
    pub const fn not_sortable(self) -> Self {
        Self { sort: false, ..self }
    }

    /// The same, but refused in `filter` with 422/1010.
    pub const fn not_filterable(self) -> Self {
        Self { filter: false, ..self }
    }
}

/// Shorthand for an integer field.
pub const fn int(name: &'static str) -> Column {
    Column::new(name, Kind::Int)
}

/// Shorthand for a text field.
pub const fn text(name: &'static str) -> Column {
    Column::new(name, Kind::Text)
}

/// Shorthand for a boolean field.
pub const fn boolean(name: &'static str) -> Column {
    Column::new(name, Kind::Bool)
}

/// Shorthand for an array of integers.
pub const fn ints(name: &'static str) -> Column {
    Column::new(name, Kind::Ints)
}

/// Shorthand for an array of texts.
pub const fn texts(name: &'static str) -> Column {
    Column::new(name, Kind::Texts)
}

/// Shorthand for a field of free JSON.
pub const fn json(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Json,
        filter: false,
        sort: false,
    }
}

/// Looks a field up by its exact name.
pub fn find(columns: &'static [Column], name: &str) -> Option<&'static Column> {
    columns.iter().find(|column| column.name == name)
}
