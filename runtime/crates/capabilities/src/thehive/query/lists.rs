//! How is what belongs to an object listed? By walking from the object, which sees what was just written (contract section 8).

use super::{Query, Step};

/// Where a walk begins, by the server's id.
#[derive(Debug, Clone, Copy)]
pub enum Parent<'a> {
    Case(&'a str),
    Alert(&'a str),
    Task(&'a str),
}

/// What is listed.
#[derive(Debug, Clone, Copy)]
pub enum Child {
    Tasks,
    Logs,
    Observables,
    Attachments,
    Comments,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
    /// Comments alone spell their dates without an underscore (contract 2.6), so no name of the sort field is sure.
    AsTheyCome,
}

/// The rows from `from` up to `to` of what belongs to an object. None if the object is not visible.
pub fn children(parent: Parent<'_>, child: Child, order: Order, from: usize, to: usize) -> Query<'_> {
    let mut query = vec![
        match parent {
            Parent::Case(id) => Step::Case { id },
            Parent::Alert(id) => Step::Alert { id },
            Parent::Task(id) => Step::Task { id },
        },
        match child {
            Child::Tasks => Step::TasksOf,
            Child::Logs => Step::LogsOf,
            Child::Observables => Step::ObservablesOf,
            Child::Attachments => Step::AttachmentsOf,
            Child::Comments => Step::CommentsOf,
        },
    ];
    match order {
        Order::OldestFirst => query.push(Step::oldest_first()),
        Order::NewestFirst => query.push(Step::newest_first()),
        Order::AsTheyCome => {}
    }
    query.push(Step::Page { from, to });
    Query { query }
}

/// The types of observables that the organisation knows.
pub fn observable_types() -> Query<'static> {
    Query {
        query: vec![Step::ObservableTypes],
    }
}

/// The users that the connection's organisation sees.
pub fn users(from: usize, to: usize) -> Query<'static> {
    Query {
        query: vec![Step::Users, Step::Page { from, to }],
    }
}
