//! An entry of a stream, read byte by byte: its fields and their names may be anything.

use redis::Value;

/// An entry of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its id: milliseconds and a number. Empty before it is added.
    pub(crate) id: String,
    pub(super) fields: Vec<(String, String)>,
}

impl Entry {
    /// An entry that is to be added.
    pub(crate) fn new<const N: usize>(fields: [(&str, String); N]) -> Self {
        Self { id: String::new(), fields: fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect() }
    }

    /// The text of a field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    /// Bytes that are no UTF-8 are replaced, and an entry that is gone from the stream but not from its
    /// group has no fields: no entry may keep those beside it from being read.
    fn read(value: Value) -> Option<Self> {
        let Value::Array(parts) = value else { return None };
        let mut parts = parts.into_iter();
        let id = text(parts.next()?)?;
        let fields = match parts.next() {
            Some(Value::Array(flat)) => {
                let mut flat = flat.into_iter();
                std::iter::from_fn(|| Some((flat.next()?, flat.next()?)))
                    .map(|(k, v)| (text(k).unwrap_or_default(), text(v).unwrap_or_default()))
                    .collect()
            }
            _ => Vec::new(),
        };
        Some(Self { id, fields })
    }
}

/// The entries of a reply.
pub(super) fn entries(reply: Vec<Value>) -> Vec<Entry> {
    reply.into_iter().filter_map(Entry::read).collect()
}

pub(super) fn text(value: Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

/// The position of an id in the stream; ids do not sort as text. An invalid id comes first.
pub(crate) fn place(id: &str) -> (u64, u64) {
    let (ms, n) = id.split_once('-').unwrap_or((id, "0"));
    (ms.parse().unwrap_or_default(), n.parse().unwrap_or_default())
}

/// The greatest id below this one.
pub(super) fn before(id: &str) -> String {
    match place(id) {
        (0, 0) => "0-0".to_owned(),
        (ms, 0) => format!("{}-{}", ms - 1, u64::MAX),
        (ms, n) => format!("{ms}-{}", n - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &[u8]) -> Value {
        Value::BulkString(text.to_vec())
    }

    #[test]
    fn bytes_that_are_no_text_and_entries_that_are_gone_are_read_all_the_same() {
        let fields = Value::Array(vec![bytes(b"\xff\xfe"), bytes(b"1"), bytes(b"topic"), bytes(b"\xffa")]);
        let found = entries(vec![
            Value::Array(vec![bytes(b"1-0"), fields]),
            Value::Nil,
            Value::Array(vec![bytes(b"2-0"), Value::Nil]),
        ]);
        assert_eq!(found.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(), ["1-0", "2-0"]);
        assert_eq!((found[0].get("topic"), found[1].get("topic")), (Some("\u{fffd}a"), None));
    }

    #[test]
    fn ids_are_in_the_order_of_their_numbers() {
        assert!(place("9-1") < place("10-0") && place("10-2") < place("10-11"));
        assert_eq!((before("5-3"), before("5-0")), ("5-2".to_owned(), format!("4-{}", u64::MAX)));
        assert_eq!(before("0-0"), "0-0");
    }
}
