//! How are the clauses of an AQL query parsed? (order of contract 4; LIMIT before the time clause)

use super::super::error::ApiError;
use super::ast::{Aggregate, Cell, Expr, Item, Query, Window};
use super::lexer::{Token, tokens, unexpected};
use super::time;

/// Searched without a time clause: the last 60 s (API documentation, contract 4).
const DEFAULT_WINDOW_MS: i64 = 60_000;

/// Longest list of columns, groups or orders.
const MAX_ITEMS: usize = 200;

/// Parses a query; names are not checked yet (see `resolve`).
pub fn parse(text: &str) -> Result<Query, ApiError> {
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        at: 0,
    };
    parser.query()
}

/// A cursor over the tokens.
pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(usize, Token)>,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(_, token)| token)
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    pub(super) fn keyword(&mut self, word: &str) -> bool {
        let hit = matches!(self.peek(), Token::Word(found) if found.eq_ignore_ascii_case(word));
        self.at += usize::from(hit);
        hit
    }

    pub(super) fn sign(&mut self, sign: &str) -> bool {
        let hit = matches!(self.peek(), Token::Sign(found) if *found == sign);
        self.at += usize::from(hit);
        hit
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<(), ApiError> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(self.error_here())
        }
    }

    pub(super) fn need(&mut self, word: &str) -> Result<(), ApiError> {
        if self.keyword(word) {
            Ok(())
        } else {
            Err(self.error_here())
        }
    }

    /// The token just consumed does not fit.
    pub(super) fn error(&self) -> ApiError {
        self.error_at(self.at.saturating_sub(1))
    }

    fn error_here(&self) -> ApiError {
        self.error_at(self.at)
    }

    fn error_at(&self, token: usize) -> ApiError {
        let at = self.tokens.get(token).map_or(self.text.len(), |(at, _)| *at);
        unexpected(at, self.text.get(at..).unwrap_or_default())
    }

    fn query(&mut self) -> Result<Query, ApiError> {
        self.need("SELECT")?;
        let items = self.select_list()?;
        self.need("FROM")?;
        let Token::Word(table) = self.next() else {
            return Err(self.error());
        };
        let table = table.to_ascii_lowercase();
        if table != "events" && table != "flows" {
            return Err(ApiError::aql(format!("Catalog \"{table}\" does not exist")));
        }
        let into = if self.keyword("INTO") {
            Some(self.search_name()?)
        } else {
            None
        };
        let condition = if self.keyword("WHERE") {
            Some(self.condition(0)?)
        } else {
            None
        };
        let mut group_by = Vec::new();
        if self.keyword("GROUP") {
            self.need("BY")?;
            group_by.push(self.expression(0)?);
            while self.sign(",") && group_by.len() < MAX_ITEMS {
                group_by.push(self.expression(0)?);
            }
        }
        let mut order_written = Vec::new();
        if self.keyword("ORDER") {
            self.need("BY")?;
            order_written.push(self.order()?);
            while self.sign(",") && order_written.len() < MAX_ITEMS {
                order_written.push(self.order()?);
            }
        }
        let limit = if self.keyword("LIMIT") {
            Some(self.integer()?)
        } else {
            None
        };
        let window = self.window()?;
        self.parameters()?;
        if *self.peek() != Token::End {
            return Err(self.error_here());
        }
        let limit = limit
            .map(|n| usize::try_from(n).map_err(|_| self.error()))
            .transpose()?;
        let visible = items.len();
        let order_by = Vec::new();
        Ok(Query {
            table,
            into,
            items,
            visible,
            condition,
            group_by,
            order_written,
            order_by,
            limit,
            window,
        })
    }

    fn select_list(&mut self) -> Result<Vec<Item>, ApiError> {
        let mut items = Vec::new();
        loop {
            if self.sign("*") {
                // The console's default columns; exact set not established.
                let columns = [
                    "starttime",
                    "protocolid",
                    "sourceip",
                    "logsourceid",
                    "qid",
                    "sourceport",
                    "eventcount",
                ]
                .into_iter()
                .chain(["magnitude", "destinationip", "destinationport", "category", "username"]);
                items.extend(columns.map(|name| Item {
                    cell: Cell::Plain(Expr::Column(name.to_owned())),
                    name: String::new(),
                }));
            } else {
                let cell = self.cell()?;
                if cell == Cell::Plain(Expr::Column("DISTINCT".to_owned())) && !matches!(self.peek(), Token::Sign(_)) {
                    // Recorded: SELECT DISTINCT is read as a column name.
                    return Err(ApiError::aql("Field \"DISTINCT\" does not exist in catalog \"events\""));
                }
                let name = if self.keyword("AS") {
                    self.alias()?
                } else {
                    String::new()
                };
                items.push(Item { cell, name });
            }
            if items.len() > MAX_ITEMS {
                return Err(ApiError::aql(format!("More than {MAX_ITEMS} columns")));
            }
            if !self.sign(",") {
                return Ok(items);
            }
        }
    }

    fn alias(&mut self) -> Result<String, ApiError> {
        match self.next() {
            Token::Word(alias) | Token::Name(alias) | Token::Text(alias) => Ok(alias),
            Token::Number(_) | Token::Sign(_) | Token::End => Err(self.error()),
        }
    }

    fn cell(&mut self) -> Result<Cell, ApiError> {
        if let Token::Word(word) = self.peek().clone()
            && let Some(aggregate) = Aggregate::named(&word)
            && matches!(self.tokens.get(self.at + 1), Some((_, Token::Sign("("))))
        {
            self.at += 2;
            let inner = if aggregate == Aggregate::Count && self.sign("*") {
                None
            } else {
                Some(self.expression(0)?)
            };
            self.expect(")")?;
            return Ok(Cell::Aggregate(aggregate, inner));
        }
        let expr = self.expression(0)?;
        if let Expr::Column(word) = &expr
            && word.eq_ignore_ascii_case("DISTINCT")
        {
            return Ok(Cell::Plain(Expr::Column("DISTINCT".to_owned())));
        }
        Ok(Cell::Plain(expr))
    }

    /// An alias is referred to bare or in double quotes; single quotes are a text and therefore refused.
    fn order(&mut self) -> Result<(Cell, bool), ApiError> {
        let cell = self.cell()?;
        if matches!(cell, Cell::Plain(Expr::Literal(_))) {
            return Err(self.error());
        }
        let descending = self.keyword("DESC");
        if !descending {
            self.keyword("ASC");
        }
        Ok((cell, descending))
    }

    /// Letters, digits, `_` and `-` (UUIDs), at most 128: the real limits are not established (contract 8.2).
    fn search_name(&mut self) -> Result<String, ApiError> {
        match self.next() {
            Token::Word(name) | Token::Name(name) | Token::Text(name) if !name.is_empty() && name.len() <= 128 => {
                Ok(name)
            }
            _ => Err(self.error()),
        }
    }

    fn integer(&mut self) -> Result<i64, ApiError> {
        match self.next() {
            Token::Number(number) => number.parse().map_err(|_| self.error()),
            _ => Err(self.error()),
        }
    }

    fn instant(&mut self) -> Result<i64, ApiError> {
        match self.next() {
            Token::Number(number) => number.parse().map_err(|_| self.error()),
            Token::Text(text) => time::parse(&text).ok_or_else(|| self.error()),
            _ => Err(self.error()),
        }
    }

    fn window(&mut self) -> Result<Window, ApiError> {
        if self.keyword("START") {
            let start = self.instant()?;
            let stop = if self.keyword("STOP") {
                Some(self.instant()?)
            } else {
                None
            };
            return Ok(Window::Between(start, stop));
        }
        if self.keyword("LAST") {
            let n = self.integer()?;
            let Token::Word(unit) = self.next() else {
                return Err(self.error());
            };
            let unit_ms = match unit.to_ascii_uppercase().trim_end_matches('S') {
                "SECOND" => 1000,
                "MINUTE" => 60_000,
                "HOUR" => 3_600_000,
                "DAY" => 86_400_000,
                _ => return Err(self.error()),
            };
            return Ok(Window::Last(n.saturating_mul(unit_ms)));
        }
        Ok(Window::Last(DEFAULT_WINDOW_MS))
    }

    fn parameters(&mut self) -> Result<(), ApiError> {
        if !self.keyword("PARAMETERS") {
            return Ok(());
        }
        loop {
            let Token::Word(_) = self.next() else {
                return Err(self.error());
            };
            self.expect("=")?;
            self.alias_or_number()?;
            if !self.sign(",") {
                return Ok(());
            }
        }
    }

    fn alias_or_number(&mut self) -> Result<(), ApiError> {
        match self.next() {
            Token::Sign(_) | Token::End => Err(self.error()),
            _ => Ok(()),
        }
    }
}
