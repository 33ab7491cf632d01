//! Looking after the accounts from the shell of the machine that the relay runs on.

use super::{Outcome, document};
use crate::directory::{
    Bounds, Directory, Heir, Invitation, Problem, Seconds, UserId, UserName, UserRow,
};
use crate::people::{People, Refused, draw_token, draw_user_id, hash_password, now};
use crate::store::SledStore;
use std::sync::Arc;
use sync_protocol::{DocumentId, DocumentUrl, sentence};

/// How long an invitation holds: a week.
const INVITED_SECONDS: Seconds = 7 * 24 * 60 * 60;

/// What passwords are drawn from: letters and digits that nobody takes for one another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Something to do about accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleCommand {
    /// List them.
    List,
    /// Make one, with a password that is printed.
    Add {
        /// Its name.
        name: String,
    },
    /// Give one another password, which is printed, and sign it out everywhere.
    Password {
        /// Its name.
        name: String,
    },
    /// Say whether one looks after the others.
    Admin {
        /// Its name.
        name: String,
        /// Whether it does.
        is_admin: bool,
    },
    /// Sign one out everywhere.
    SignOut {
        /// Its name.
        name: String,
    },
    /// Delete one.
    Delete {
        /// Its name.
        name: String,
        /// Who gets what only it owned.
        heir: Option<String>,
    },
    /// Print an invitation to make one.
    Invite,
    /// Make somebody an owner of a document, also of one that was deleted.
    Give {
        /// The document.
        document: DocumentId,
        /// The name of the account.
        name: String,
    },
}

/// The people of a store that no relay has open for people.
pub(super) fn of(store: &Arc<SledStore>) -> Result<People, String> {
    // Nobody claims documents here.
    let bounds = Bounds { documents_per_user: 0 };
    People::open(store.clone(), bounds).map_err(|error| sentence(&error))
}

impl PeopleCommand {
    /// What the words of a command say; none if it is not about people.
    ///
    /// # Errors
    /// What it takes.
    pub fn parse(words: &[&str]) -> Option<Result<Self, String>> {
        let named = |name: &&str| (*name).to_owned();
        Some(match words {
            ["user", "list"] => Ok(Self::List),
            ["user", "add", name] => Ok(Self::Add { name: named(name) }),
            ["user", "password", name] => Ok(Self::Password { name: named(name) }),
            ["user", "admin", name] => Ok(Self::Admin { name: named(name), is_admin: true }),
            ["user", "admin", name, "no"] => Ok(Self::Admin { name: named(name), is_admin: false }),
            ["user", "sign-out", name] => Ok(Self::SignOut { name: named(name) }),
            ["user", "delete", name] => Ok(Self::Delete { name: named(name), heir: None }),
            ["user", "delete", name, heir] => {
                Ok(Self::Delete { name: named(name), heir: Some(named(heir)) })
            }
            ["user", "invite"] => Ok(Self::Invite),
            ["user", ..] => Err("user takes list, add NAME, password NAME, admin NAME [no], \
                sign-out NAME, delete NAME [HEIR] or invite"
                .to_owned()),
            ["give", id, name] => {
                document(id).map(|document| Self::Give { document, name: named(name) })
            }
            ["give", ..] => Err("give takes a document and the name of an account".to_owned()),
            _ => return None,
        })
    }

    /// The words that say it.
    pub(crate) fn words(&self) -> Vec<String> {
        let said: Vec<&str> = match self {
            Self::List => vec!["user", "list"],
            Self::Add { name } => vec!["user", "add", name],
            Self::Password { name } => vec!["user", "password", name],
            Self::Admin { name, is_admin: true } => vec!["user", "admin", name],
            Self::Admin { name, is_admin: false } => vec!["user", "admin", name, "no"],
            Self::SignOut { name } => vec!["user", "sign-out", name],
            Self::Delete { name, heir: None } => vec!["user", "delete", name],
            Self::Delete { name, heir: Some(heir) } => vec!["user", "delete", name, heir],
            Self::Invite => vec!["user", "invite"],
            Self::Give { document, name } => {
                return vec!["give".to_owned(), document.to_string(), name.clone()];
            }
        };
        said.into_iter().map(str::to_owned).collect()
    }

    /// Does it. Blocks.
    pub(crate) fn perform(&self, people: &People) -> Result<Outcome, String> {
        let done = match self {
            Self::List => Ok(list(people)),
            Self::Add { name } => add(people, name),
            Self::Password { name } => password(people, name),
            Self::Admin { name, is_admin } => admin(people, name, *is_admin),
            Self::SignOut { name } => sign_out(people, name),
            Self::Delete { name, heir } => delete(people, name, heir.as_deref()),
            Self::Invite => invite(people),
            Self::Give { document, name } => give(people, *document, name),
        };
        done.map(Outcome::well).map_err(|refused| sentence(&refused))
    }
}

fn list(people: &People) -> String {
    let users = people.read(Directory::users);
    if users.is_empty() {
        return "there are no accounts; sync-server user add NAME makes one".to_owned();
    }
    let line = |user: UserRow| {
        let UserRow { name, documents, sessions, .. } = user;
        let admin = if user.is_admin { "  administrator" } else { "" };
        format!("{name}  {documents} documents  {sessions} sessions{admin}")
    };
    users.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The first account looks after those that come.
fn add(people: &People, name: &str) -> Result<String, Refused> {
    let (name, id) = (UserName::parse(name)?, draw_user_id()?);
    let password = draw_password()?;
    let hash = hash_password(&password)?;
    let is_first = people.change_blocking(|directory| {
        let is_first = directory.users().is_empty();
        Ok((directory.add_user(id, &name, hash, is_first, now())?, is_first))
    })?;
    let admin = if is_first { ", an administrator as the first one," } else { "" };
    let name = name.as_str();
    Ok(format!("{name}{admin} signs in with the password {password} and should change it"))
}

fn password(people: &People, name: &str) -> Result<String, Refused> {
    let password = draw_password()?;
    let hash = hash_password(&password)?;
    people.store_blocking(|directory| {
        let user = named(directory, name)?;
        directory.set_password(user, hash, None)
    })?;
    Ok(format!("{name} was signed out, and signs in with the password {password} from now on"))
}

fn admin(people: &People, name: &str, is_admin: bool) -> Result<String, Refused> {
    people.store_blocking(|directory| directory.set_admin(named(directory, name)?, is_admin))?;
    let is = if is_admin { "is an administrator" } else { "is no administrator any more" };
    Ok(format!("{name} {is}"))
}

fn sign_out(people: &People, name: &str) -> Result<String, Refused> {
    people.store_blocking(|directory| {
        directory.sign_out_everywhere(named(directory, name)?, now())
    })?;
    Ok(format!("{name} was signed out everywhere"))
}

fn delete(people: &People, name: &str, heir: Option<&str>) -> Result<String, Refused> {
    people.store_blocking(|directory| {
        let user = named(directory, name)?;
        let heir = Heir::named(directory, heir, user)?;
        directory.delete_user(user, heir, now())
    })?;
    Ok(format!("the account {name} is deleted"))
}

fn invite(people: &People) -> Result<String, Refused> {
    let token = draw_token()?;
    people.store_blocking(|directory| {
        let until = now() + INVITED_SECONDS;
        let invitation = Invitation { by: None, until, resets: None };
        Ok(directory.invite(token.digest(), invitation))
    })?;
    Ok(format!("whoever has this may make an account, once, within a week: {}", token.reveal()))
}

fn give(people: &People, document: DocumentId, name: &str) -> Result<String, Refused> {
    people.store_blocking(|directory| directory.give(document, named(directory, name)?))?;
    Ok(format!("{name} owns {}", DocumentUrl::from(document)))
}

fn named(directory: &Directory, name: &str) -> Result<UserId, Problem> {
    directory.named(name).ok_or(Problem::NotFound("account; sync-server user list lists them"))
}

/// Twenty letters of five bits each: nobody guesses that.
fn draw_password() -> Result<String, Refused> {
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(|_| Refused::Failed)?;
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).map(|letter| char::from(*letter));
    Ok(bytes.iter().filter_map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_comes_back_from_its_words() {
        let (name, heir) = ("ana".to_owned(), Some("ben".to_owned()));
        for command in [
            PeopleCommand::List,
            PeopleCommand::Add { name: name.clone() },
            PeopleCommand::Password { name: name.clone() },
            PeopleCommand::Admin { name: name.clone(), is_admin: true },
            PeopleCommand::Admin { name: name.clone(), is_admin: false },
            PeopleCommand::SignOut { name: name.clone() },
            PeopleCommand::Delete { name: name.clone(), heir: None },
            PeopleCommand::Delete { name: name.clone(), heir },
            PeopleCommand::Invite,
            PeopleCommand::Give { document: DocumentId::from_bytes([7; 16]), name },
        ] {
            let words = command.words();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert_eq!(PeopleCommand::parse(&words), Some(Ok(command)));
        }
        assert!(PeopleCommand::parse(&["user", "ad", "ana"]).is_some_and(|read| read.is_err()));
        assert_eq!(PeopleCommand::parse(&["verify"]), None);
    }
}
