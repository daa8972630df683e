//! How are expressions and WHERE conditions parsed?

use serde_json::Value;

use super::super::error::ApiError;
use super::ast::{Condition, Expr, MAX_DEPTH, Op};
use super::lexer::Token;
use super::parser::Parser;

impl Parser<'_> {
    /// `a OR b …`
    pub(super) fn condition(&mut self, depth: usize) -> Result<Condition, ApiError> {
        if depth > MAX_DEPTH {
            return Err(self.error());
        }
        let mut terms = vec![self.conjunction(depth)?];
        while self.keyword("OR") {
            terms.push(self.conjunction(depth)?);
        }
        Ok(single_or(terms, Condition::Or))
    }

    fn conjunction(&mut self, depth: usize) -> Result<Condition, ApiError> {
        let mut terms = vec![self.negation(depth)?];
        while self.keyword("AND") {
            terms.push(self.negation(depth)?);
        }
        Ok(single_or(terms, Condition::And))
    }

    fn negation(&mut self, depth: usize) -> Result<Condition, ApiError> {
        if depth > MAX_DEPTH {
            return Err(self.error());
        }
        if self.keyword("NOT") {
            return Ok(Condition::Not(Box::new(self.negation(depth + 1)?)));
        }
        if self.sign("(") {
            let inner = self.condition(depth + 1)?;
            self.expect(")")?;
            return Ok(inner);
        }
        self.test(depth)
    }

    fn test(&mut self, depth: usize) -> Result<Condition, ApiError> {
        let left = self.expression(depth)?;
        match &left {
            Expr::Call(name, args) if name.eq_ignore_ascii_case("INOFFENSE") => {
                return match args.as_slice() {
                    [Expr::Literal(id)] => offense_id(id).map(Condition::InOffense).ok_or_else(|| self.error()),
                    _ => Err(self.error()),
                };
            }
            Expr::Call(name, args) if name.eq_ignore_ascii_case("INCIDR") => {
                return match args.as_slice() {
                    [Expr::Literal(Value::String(net)), ip] => Ok(Condition::InCidr(net.clone(), ip.clone())),
                    _ => Err(self.error()),
                };
            }
            _ => {}
        }
        if self.keyword("IS") {
            let negated = self.keyword("NOT");
            self.need("NULL")?;
            return Ok(negate(Condition::IsNull(left), negated));
        }
        let negated = self.keyword("NOT");
        if self.keyword("IN") {
            self.expect("(")?;
            let mut values = vec![self.expression(depth)?];
            while self.sign(",") {
                values.push(self.expression(depth)?);
            }
            self.expect(")")?;
            return Ok(negate(Condition::In(left, values), negated));
        }
        if self.keyword("BETWEEN") {
            let low = self.expression(depth)?;
            self.need("AND")?;
            return Ok(negate(Condition::Between(left, low, self.expression(depth)?), negated));
        }
        let like = self.keyword("LIKE");
        if like || self.keyword("ILIKE") {
            let Token::Text(pattern) = self.next() else {
                return Err(self.error());
            };
            return Ok(negate(Condition::Like(left, pattern, !like), negated));
        }
        if negated {
            return Err(self.error());
        }
        let op = match self.next() {
            Token::Sign("=") => Op::Eq,
            Token::Sign("!=" | "<>") => Op::Ne,
            Token::Sign("<") => Op::Lt,
            Token::Sign(">") => Op::Gt,
            Token::Sign("<=") => Op::Le,
            Token::Sign(">=") => Op::Ge,
            _ => return Err(self.error()),
        };
        Ok(Condition::Compare(left, op, self.expression(depth)?))
    }

    /// A column, a literal or `FUNCTION(a, …)`.
    pub(super) fn expression(&mut self, depth: usize) -> Result<Expr, ApiError> {
        if depth > MAX_DEPTH {
            return Err(self.error());
        }
        match self.next() {
            Token::Name(name) => Ok(Expr::Column(name)),
            Token::Text(text) => Ok(Expr::Literal(Value::from(text))),
            Token::Number(number) => literal(&number).map(Expr::Literal).ok_or_else(|| self.error()),
            Token::Word(word) if word.eq_ignore_ascii_case("true") => Ok(Expr::Literal(Value::from(true))),
            Token::Word(word) if word.eq_ignore_ascii_case("false") => Ok(Expr::Literal(Value::from(false))),
            Token::Word(word) if !self.sign("(") => Ok(Expr::Column(word)),
            Token::Word(word) => {
                let mut args = Vec::new();
                if !self.sign(")") {
                    args.push(self.expression(depth + 1)?);
                    while self.sign(",") {
                        args.push(self.expression(depth + 1)?);
                    }
                    self.expect(")")?;
                }
                Ok(Expr::Call(word, args))
            }
            Token::Sign(_) | Token::End => Err(self.error()),
        }
    }
}

fn literal(number: &str) -> Option<Value> {
    number
        .parse::<i64>()
        .ok()
        .map(Value::from)
        .or_else(|| number.parse::<f64>().ok().map(Value::from))
}

/// An integer; `'123'` is accepted as well (contract 4).
fn offense_id(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn negate(condition: Condition, negated: bool) -> Condition {
    if negated {
        Condition::Not(Box::new(condition))
    } else {
        condition
    }
}

fn single_or(mut terms: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    if terms.len() == 1 { terms.remove(0) } else { join(terms) }
}
