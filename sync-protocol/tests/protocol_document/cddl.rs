//! As much of CDDL (RFC 8610) as the document uses: maps, lists, choices, literals, names. The
//! libraries that know all of it bring sixty crates.

use ciborium::Value;
use std::collections::BTreeMap;

pub struct Rules(BTreeMap<String, Type>);

enum Type {
    Choice(Vec<Type>),
    Map { fields: Vec<Field>, others: Option<(Box<Type>, Box<Type>)> },
    List(Box<Type>),
    Text(String),
    Name(String),
}

struct Field {
    key: String,
    is_optional: bool,
    value: Type,
}

impl Rules {
    pub fn read(text: &str) -> Self {
        let mut tokens = Tokens::of(text);
        let mut rules = BTreeMap::new();
        while let Some(name) = tokens.0.pop() {
            tokens.expect("=");
            assert!(rules.insert(name, tokens.choice()).is_none(), "a name is defined once");
        }
        Self(rules)
    }

    /// Whether CBOR bytes fit a rule; if not, what does not.
    pub fn check(&self, rule: &str, bytes: &[u8]) -> Result<(), String> {
        let value = ciborium::from_reader(bytes).map_err(|error| format!("{error:?}"))?;
        match self.fits(&self.0[rule], &value) {
            true => Ok(()),
            false => Err(format!("no {rule}: {value:?}")),
        }
    }

    fn fits(&self, expected: &Type, value: &Value) -> bool {
        match (expected, value) {
            (Type::Choice(choices), _) => choices.iter().any(|choice| self.fits(choice, value)),
            (Type::Text(text), Value::Text(found)) => text == found,
            (Type::List(element), Value::Array(found)) => {
                found.iter().all(|found| self.fits(element, found))
            }
            (Type::Map { fields, others }, Value::Map(found)) => {
                self.has_fields(fields, others.as_ref(), found)
            }
            (Type::Name(name), _) => match (name.as_str(), value) {
                ("any", _)
                | ("tstr", Value::Text(_))
                | ("bstr", Value::Bytes(_))
                | ("bool", Value::Bool(_))
                | ("null", Value::Null)
                | ("float", Value::Float(_)) => true,
                ("uint", Value::Integer(number)) => i128::from(*number) >= 0,
                ("tstr" | "bstr" | "bool" | "null" | "float" | "uint", _) => false,
                _ => self.fits(&self.0[name], value),
            },
            _ => false,
        }
    }

    fn has_fields(
        &self,
        fields: &[Field],
        others: Option<&(Box<Type>, Box<Type>)>,
        found: &[(Value, Value)],
    ) -> bool {
        let is = |field: &Field, key: &Value| key.as_text() == Some(field.key.as_str());
        let all_there = fields.iter().all(|field| {
            let mut values = found.iter().filter(|(key, _)| is(field, key)).map(|(_, value)| value);
            values.next().map_or(field.is_optional, |value| self.fits(&field.value, value))
        });
        let none_strange = found.iter().all(|(key, value)| {
            let fits_others =
                |(name, of): &(Box<Type>, Box<Type>)| self.fits(name, key) && self.fits(of, value);
            fields.iter().any(|field| is(field, key)) || others.is_some_and(fits_others)
        });
        all_there && none_strange
    }
}

/// Words and signs, the last one first.
struct Tokens(Vec<String>);

impl Tokens {
    fn of(text: &str) -> Self {
        let mut spaced = text.to_owned();
        for sign in ["{", "}", "[", "]", ",", ":", "/", "?", "*"] {
            spaced = spaced.replace(sign, &format!(" {sign} "));
        }
        // "=>" is one sign, "=" another.
        let words = spaced.split_whitespace().map(str::to_owned);
        Self(words.rev().collect())
    }

    fn next_is(&self, sign: &str) -> bool {
        self.0.last().is_some_and(|token| token == sign)
    }

    fn take(&mut self, sign: &str) -> bool {
        let is_next = self.next_is(sign);
        if is_next {
            self.0.pop();
        }
        is_next
    }

    fn expect(&mut self, sign: &str) {
        assert!(self.take(sign), "expected {sign}, found {:?}", self.0.last());
    }

    fn choice(&mut self) -> Type {
        let mut choices = vec![self.single()];
        while self.take("/") {
            choices.push(self.single());
        }
        Type::Choice(choices)
    }

    fn single(&mut self) -> Type {
        if self.take("[") {
            self.expect("*");
            let element = self.choice();
            self.expect("]");
            return Type::List(Box::new(element));
        }
        if self.take("{") {
            return self.map();
        }
        let word = self.0.pop().unwrap();
        match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
            Some(text) => Type::Text(text.to_owned()),
            None => Type::Name(word),
        }
    }

    fn map(&mut self) -> Type {
        let (mut fields, mut others) = (Vec::new(), None);
        while !self.take("}") {
            if self.take("*") {
                let key = self.choice();
                self.expect("=>");
                others = Some((Box::new(key), Box::new(self.choice())));
            } else {
                let is_optional = self.take("?");
                let key = self.0.pop().unwrap();
                self.expect(":");
                fields.push(Field { key, is_optional, value: self.choice() });
            }
            self.take(",");
        }
        Type::Map { fields, others }
    }
}
