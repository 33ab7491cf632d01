//! What JavaScript says: an object with a `type` and with nothing that its type does not have.

/// Defines an enum of such objects, and how it is read.
macro_rules! message {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? }
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[cfg_attr(feature = "typescript", ts(tag = "type", rename_all = "camelCase"))]
        pub enum $name {
            $($(#[$variant_meta])* $variant { $($(#[$field_meta])* $field: $type),* }),*
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                fn of(fields: &mut kanban_core::TaggedFields) -> Result<$name, serde_json::Error> {
                    $(if fields.are_of(stringify!($variant)) {
                        let message = $name::$variant { $($field: fields.take(stringify!($field))?),* };
                        return fields.end(&[$(stringify!($field)),*]).map(|()| message);
                    })*
                    Err(fields.of_no_variant(&[$(stringify!($variant)),*]))
                }
                let mut fields = kanban_core::TaggedFields::read(deserializer, "type")?;
                of(&mut fields).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use message;
