//! How does a token list become a filter tree? (grammar of contract 2.2, keywords in any case)

use serde_json::Value;

use super::super::error::ApiError;
use super::filter::{Filter, Literal, MAX_DEPTH, Op, Path};
use super::lexer::{Token, tokens};

/// Parses a whole `filter`; anything left over is a syntax error.
pub fn parse(text: &str) -> Result<Filter, ApiError> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
    };
    let filter = parser.any(0)?;
    if parser.at < parser.tokens.len() {
        return Err(ApiError::filter_syntax());
    }
    Ok(filter)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Result<Token, ApiError> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(ApiError::filter_syntax)?;
        self.at += 1;
        Ok(token)
    }

    fn keyword(&mut self, word: &str) -> bool {
        let hit = matches!(self.peek(), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word));
        self.at += usize::from(hit);
        hit
    }

    fn sign(&mut self, sign: &str) -> bool {
        let hit = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(hit);
        hit
    }

    fn expect(&mut self, sign: &str) -> Result<(), ApiError> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(ApiError::filter_syntax())
        }
    }

    fn any(&mut self, depth: usize) -> Result<Filter, ApiError> {
        if depth > MAX_DEPTH {
            return Err(ApiError::filter_syntax());
        }
        let mut terms = vec![self.all(depth)?];
        while self.keyword("or") {
            terms.push(self.all(depth)?);
        }
        Ok(single_or(terms, Filter::Or))
    }

    fn all(&mut self, depth: usize) -> Result<Filter, ApiError> {
        let mut terms = vec![self.not(depth)?];
        while self.keyword("and") {
            terms.push(self.not(depth)?);
        }
        Ok(single_or(terms, Filter::And))
    }

    fn not(&mut self, depth: usize) -> Result<Filter, ApiError> {
        if depth > MAX_DEPTH {
            return Err(ApiError::filter_syntax());
        }
        if self.keyword("not") {
            Ok(Filter::Not(Box::new(self.not(depth + 1)?)))
        } else {
            self.primary(depth)
        }
    }

    fn primary(&mut self, depth: usize) -> Result<Filter, ApiError> {
        if self.sign("(") {
            let inner = self.any(depth + 1)?;
            self.expect(")")?;
            return Ok(inner);
        }
        let path = self.path()?;
        let negated = self.keyword("not");
        if self.keyword("in") {
            return self.list(path, negated);
        }
        if self.keyword("between") {
            let low = self.literal()?;
            if !self.keyword("and") {
                return Err(ApiError::filter_syntax());
            }
            return Ok(Filter::Between {
                path,
                low,
                high: self.literal()?,
                negated,
            });
        }
        let like = self.keyword("like");
        if like || self.keyword("ilike") {
            let pattern = self.literal()?;
            if !pattern.quoted {
                return Err(ApiError::filter_syntax());
            }
            return Ok(Filter::Like {
                path,
                pattern,
                insensitive: !like,
                negated,
            });
        }
        if negated {
            return Err(ApiError::filter_syntax());
        }
        if self.keyword("is") {
            let negated = self.keyword("not");
            return if self.keyword("null") {
                Ok(Filter::IsNull { path, negated })
            } else {
                Err(ApiError::filter_syntax())
            };
        }
        if self.keyword("contains") {
            return self.contains(path, depth);
        }
        let op = self.operator()?;
        Ok(Filter::Compare(path, op, self.literal()?))
    }

    fn contains(&mut self, path: Path, depth: usize) -> Result<Filter, ApiError> {
        if self.sign("(") {
            let inner = self.any(depth + 1)?;
            self.expect(")")?;
            return Ok(Filter::ContainsMatch(path, Box::new(inner)));
        }
        // `contains 10` and `contains "x"` are values; `contains value = 'x'` and `contains . < 3` are conditions.
        let condition = match (self.peek(), self.tokens.get(self.at + 1)) {
            (Some(Token::Sign(".")), _) => true,
            (Some(Token::Word(_)), Some(Token::Sign(sign))) => *sign != ")" && *sign != ",",
            (Some(Token::Word(_)), Some(Token::Word(word))) => {
                ["in", "not", "between", "is", "like", "ilike", "contains"]
                    .iter()
                    .any(|keyword| word.eq_ignore_ascii_case(keyword))
            }
            _ => false,
        };
        if condition {
            if depth > MAX_DEPTH {
                return Err(ApiError::filter_syntax());
            }
            return Ok(Filter::ContainsMatch(path, Box::new(self.primary(depth + 1)?)));
        }
        Ok(Filter::ContainsValue(path, self.literal()?))
    }

    fn list(&mut self, path: Path, negated: bool) -> Result<Filter, ApiError> {
        self.expect("(")?;
        let mut values = vec![self.literal()?];
        while self.sign(",") {
            values.push(self.literal()?);
        }
        self.expect(")")?;
        Ok(Filter::In { path, values, negated })
    }

    fn path(&mut self) -> Result<Path, ApiError> {
        if self.sign(".") {
            return Ok(Path::new());
        }
        let mut path = Path::new();
        loop {
            match self.next()? {
                Token::Word(name) if name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_') => {
                    path.push(name);
                }
                _ => return Err(ApiError::filter_syntax()),
            }
            if path.len() > MAX_DEPTH {
                return Err(ApiError::filter_syntax());
            }
            if !self.sign("(") {
                break;
            }
        }
        for _ in 1..path.len() {
            self.expect(")")?;
        }
        Ok(path)
    }

    fn operator(&mut self) -> Result<Op, ApiError> {
        match self.next()? {
            Token::Sign("=") => Ok(Op::Eq),
            Token::Sign("!=" | "<>" | "^=") => Ok(Op::Ne),
            Token::Sign("<") => Ok(Op::Lt),
            Token::Sign(">") => Ok(Op::Gt),
            Token::Sign("<=") => Ok(Op::Le),
            Token::Sign(">=") => Ok(Op::Ge),
            _ => Err(ApiError::filter_syntax()),
        }
    }

    fn literal(&mut self) -> Result<Literal, ApiError> {
        match self.next()? {
            Token::Word(raw) => Ok(Literal {
                raw,
                quoted: false,
                value: Value::Null,
            }),
            Token::Quoted(raw) => Ok(Literal {
                raw,
                quoted: true,
                value: Value::Null,
            }),
            Token::Sign(_) => Err(ApiError::filter_syntax()),
        }
    }
}

fn single_or(mut terms: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    if terms.len() == 1 { terms.remove(0) } else { join(terms) }
}
