//! Who may connect.

use super::ConfigOption;
use crate::config::AuthMode;
use crate::config::values::{algorithms, count, switch, text};

pub const WHO: &[ConfigOption] = &[
    ConfigOption {
        name: "auth",
        value: "MODE",
        default: "open",
        what: "who may connect. open: everybody; accounts: who has signed in, to open what is theirs or was shared with them; jwt: who brings a JSON Web Token of your identity provider, as a header, a cookie or a protocol of the WebSocket, or in the address (docs/operations.md)",
        why: "nothing to set up on one's own machine",
        set: |config, value| {
            config.auth.mode = match text(value)? {
                "open" => AuthMode::Open,
                "accounts" => AuthMode::Accounts,
                "jwt" => AuthMode::Jwt,
                other => return Err(format!("it is open, accounts or jwt, not {other:?}")),
            };
            Ok(())
        },
    },
    ConfigOption {
        name: "public",
        value: "",
        default: "false",
        what: "with --auth open: listen for other machines all the same",
        why: "everybody who reaches it may then read and change every document whose id they know",
        set: |config, value| switch(value).map(|is_on| config.auth.is_public = is_on),
    },
    ConfigOption {
        name: "sign-up",
        value: "WHO",
        default: "invited",
        what: "with --auth accounts: who may make an account. invited: who has an invitation of an administrator; everybody",
        why: "strangers would fill the disk",
        set: |config, value| {
            config.auth.by_invitation = match text(value)? {
                "invited" => true,
                "everybody" => false,
                other => return Err(format!("it is invited or everybody, not {other:?}")),
            };
            Ok(())
        },
    },
    ConfigOption {
        name: "documents-per-user",
        value: "COUNT",
        default: "1000",
        what: "with --auth accounts or jwt: how many documents one user may own",
        why: "more than people make in years of work, and no program fills the disk with them",
        set: |config, value| count(value).map(|most| config.auth.documents_per_user = most),
    },
    ConfigOption {
        name: "jwt-key",
        value: "FILE",
        default: "",
        what: "the key to check tokens with: a public key in PEM, or a secret if --jwt-algorithm names only such",
        why: "only you know it",
        set: |config, value| {
            config.auth.jwt.key = Some(value.into());
            Ok(())
        },
    },
    ConfigOption {
        name: "jwt-keys",
        value: "FILE",
        default: "",
        what: "a set of keys (JWKS, RFC 7517) instead; read again when a token names a key that is not in it",
        why: "providers exchange their keys now and then",
        set: |config, value| {
            config.auth.jwt.keys = Some(value.into());
            Ok(())
        },
    },
    ConfigOption {
        name: "jwt-algorithm",
        value: "NAMES",
        default: "EdDSA,ES256,RS256",
        what: "how tokens may be signed, separated by commas; HS256 and other secrets not beside public keys",
        why: "a public key must never pass for a secret",
        set: |config, value| {
            config.auth.jwt.algorithms = algorithms(text(value)?)?;
            Ok(())
        },
    },
    ConfigOption {
        name: "jwt-audience",
        value: "NAME",
        default: "",
        what: "for whom tokens must be: their aud",
        why: "what your provider calls the relay",
        set: |config, value| {
            config.auth.jwt.audience = Some(text(value)?.to_owned());
            Ok(())
        },
    },
    ConfigOption {
        name: "jwt-issuer",
        value: "NAME",
        default: "",
        what: "by whom tokens must be: their iss",
        why: "a key of your own already says so",
        set: |config, value| {
            config.auth.jwt.issuer = Some(text(value)?.to_owned());
            Ok(())
        },
    },
    ConfigOption {
        name: "origins",
        value: "ORIGINS",
        default: "same",
        what: "other pages from which browsers may connect, separated by commas, as in https://boards.example; *: all",
        why: "any page can ask a browser to connect, with its visitor's cookies and from inside their network",
        set: |config, value| {
            config.origins = text(value)?.parse()?;
            Ok(())
        },
    },
];
