//! Do the names of a query exist, and what are its result columns called? (naming rules of contract 4)

use serde_json::Value;

use super::super::error::ApiError;
use super::ast::{Cell, Condition, Expr, Item, Query};
use super::catalog::Catalog;
use super::condition::network;
use super::functions::{check, wrong_bytes};

/// Checks columns, functions and aliases; fills names and ORDER BY positions.
pub fn resolve(query: &mut Query, catalog: &Catalog) -> Result<(), ApiError> {
    let table = query.table.clone();
    let names = Names { catalog, table: &table };
    for item in &query.items {
        names.cell(&item.cell)?;
    }
    for expr in &query.group_by {
        // GROUP BY may name an alias, too.
        if !matches!(expr, Expr::Column(name) if query.items.iter().any(|item| item.name == *name)) {
            names.expr(expr)?;
        }
    }
    if let Some(condition) = &query.condition {
        names.condition(condition)?;
    }
    aliases_in_groups(query);
    let grouped = query.grouped();
    for at in 0..query.items.len() {
        if let Some(item) = query.items.get(at)
            && item.name.is_empty()
        {
            let name = column_name(&item.cell, grouped, &query.group_by);
            if let Some(item) = query.items.get_mut(at) {
                item.name = name;
            }
        }
    }
    for (cell, descending) in std::mem::take(&mut query.order_written) {
        let visible = query.items.get(..query.visible).unwrap_or_default();
        let at = match visible.iter().position(|item| refers(&cell, item)) {
            Some(at) => at,
            None => {
                names.cell(&cell)?;
                query.items.push(Item {
                    cell,
                    name: String::new(),
                });
                query.items.len() - 1
            }
        };
        query.order_by.push((at, descending));
    }
    Ok(())
}

/// Replaces group aliases by the expressions they stand for.
fn aliases_in_groups(query: &mut Query) {
    for expr in &mut query.group_by {
        if let Expr::Column(name) = expr
            && let Some(Cell::Plain(meant)) = query
                .items
                .iter()
                .find(|item| item.name == *name)
                .map(|item| &item.cell)
        {
            *expr = meant.clone();
        }
    }
}

fn refers(cell: &Cell, item: &Item) -> bool {
    cell == &item.cell || matches!(cell, Cell::Plain(Expr::Column(name)) if *name == item.name)
}

struct Names<'a> {
    catalog: &'a Catalog,
    table: &'a str,
}

impl Names<'_> {
    fn cell(&self, cell: &Cell) -> Result<(), ApiError> {
        match cell {
            Cell::Plain(expr) | Cell::Aggregate(_, Some(expr)) => self.expr(expr),
            Cell::Aggregate(_, None) => Ok(()),
        }
    }

    fn expr(&self, expr: &Expr) -> Result<(), ApiError> {
        match expr {
            Expr::Literal(_) => Ok(()),
            Expr::Column(name) if self.catalog.has(name) => Ok(()),
            Expr::Column(name) => Err(ApiError::aql(format!(
                "Field \"{name}\" does not exist in catalog \"{}\"",
                self.table
            ))),
            Expr::Call(name, args) => {
                args.iter().try_for_each(|arg| self.expr(arg))?;
                check(name, args, self.catalog)
            }
        }
    }

    /// An expression that is compared as text or number.
    fn comparable(&self, expr: &Expr) -> Result<(), ApiError> {
        self.expr(expr)?;
        match expr {
            Expr::Column(name) if self.catalog.is_bytes(name) => Err(wrong_bytes()),
            _ => Ok(()),
        }
    }

    fn condition(&self, condition: &Condition) -> Result<(), ApiError> {
        match condition {
            Condition::And(terms) | Condition::Or(terms) => terms.iter().try_for_each(|term| self.condition(term)),
            Condition::Not(term) => self.condition(term),
            Condition::InOffense(_) => Ok(()),
            Condition::InCidr(net, ip) => match network(net) {
                Some(_) => self.comparable(ip),
                None => Err(ApiError::aql(format!("InCidr function: \"{net}\" is not a CIDR range"))),
            },
            Condition::Compare(left, _, right) => self.comparable(left).and_then(|()| self.comparable(right)),
            Condition::In(left, values) => {
                self.comparable(left)?;
                values.iter().try_for_each(|value| self.comparable(value))
            }
            Condition::Between(left, low, high) => {
                [left, low, high].into_iter().try_for_each(|expr| self.comparable(expr))
            }
            Condition::Like(left, ..) => self.comparable(left),
            Condition::IsNull(left) => self.expr(left),
        }
    }
}

fn column_name(cell: &Cell, grouped: bool, groups: &[Expr]) -> String {
    match cell {
        Cell::Aggregate(aggregate, None) => aggregate.label().to_owned(),
        Cell::Aggregate(aggregate, Some(inner)) => format!("{}_{}", aggregate.label(), expression_name(inner)),
        Cell::Plain(expr) if grouped && !groups.iter().any(|group| same(group, expr)) => {
            format!("FIRST_{}", expression_name(expr))
        }
        Cell::Plain(expr) => expression_name(expr),
    }
}

/// Do two expressions mean the same? Identifiers are case-insensitive.
pub fn same(a: &Expr, b: &Expr) -> bool {
    match (a, b) {
        (Expr::Column(a), Expr::Column(b)) => a.eq_ignore_ascii_case(b),
        (Expr::Call(a, x), Expr::Call(b, y)) => {
            a.eq_ignore_ascii_case(b) && x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y))
        }
        (a, b) => a == b,
    }
}

fn expression_name(expr: &Expr) -> String {
    match expr {
        Expr::Column(name) => name.clone(),
        Expr::Call(name, args) => {
            let parts: Vec<String> = args.iter().map(expression_name).collect();
            format!("{}_{}", name.to_ascii_lowercase(), parts.join("_"))
        }
        Expr::Literal(Value::String(text)) => text
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { '_' })
            .collect(),
        Expr::Literal(value) => value.to_string(),
    }
}
