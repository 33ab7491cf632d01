//! What they do online: share a board through a relay, and later send each other what they did, while it is killed.

use crate::people::{Person, Team};
use crate::relay::Relay;
use automerge::ReadDoc;
use kanban_client::{BoardClient, BoardFile, LiveBoard, LiveError, options};
use kanban_core::{Board, Change, ChangeHash};
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;
use sync_protocol::client::Resume;
use sync_protocol::{DocumentId, DocumentUrl};
use tempfile::TempDir;

/// A real program draws 16 random bytes; with these, the story names the same document every time.
const DOCUMENT: DocumentId = DocumentId::from_bytes([0x2B; 16]);

/// What takes milliseconds is given up after this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A relay, and a directory for its documents and for the two people's files.
pub struct Place {
    /// Before the directory: it is dropped first.
    relay: Relay,
    directory: TempDir,
    patience: Duration,
}

/// What travelled when they met.
pub struct Meeting {
    /// Where the relay was, before and after it was killed.
    pub relay: String,
    /// How many changes the relay said it had stored for Ana before it was killed.
    pub acknowledged: usize,
    /// What Ben got from the relay that was started again.
    pub from_ana: Vec<Change>,
    /// What Ana got from it when she came back.
    pub from_ben: Vec<Change>,
}

impl Place {
    /// Starts a relay that has no documents.
    pub fn open() -> Result<Self, Box<dyn Error>> {
        let directory = tempfile::tempdir()?;
        let relay = Relay::start(&directory.path().join("relay"))?;
        Ok(Self { relay, directory, patience: PATIENCE })
    }

    /// What Ana tells Ben, so that he finds the board.
    pub fn address() -> DocumentUrl {
        DocumentUrl::from(DOCUMENT)
    }

    /// Ana brings the board to the relay, Ben joins it by its address; then both go offline.
    pub async fn share(&self, start: &Board) -> Result<Team, Box<dyn Error>> {
        let anas = start.fork(Person::Ana.replica());
        let file = BoardFile::create(&self.path(Person::Ana), DOCUMENT, &anas)?;
        let client = BoardClient::with_board(DOCUMENT, anas, options(), Resume::default());
        let ana = self.connects(client, file)?;
        self.within("the relay has not stored the board", ana.saved()).await?;

        let document = DocumentUrl::parse(&Self::address().to_string())?.document;
        let file = BoardFile::join(&self.path(Person::Ben), document)?;
        let client = BoardClient::joining(document, Person::Ben.replica(), options());
        let ben = self.connects(client, file)?;
        self.within("the board has not reached Ben", has(&ben, start.heads())).await?;
        let ana = self.leaves(Person::Ana, ana).await?;
        Ok(Team::of(ana, self.leaves(Person::Ben, ben).await?))
    }

    /// Ana comes back and leaves, then Ben does, then Ana once more: only the relay meets both, and it is killed as
    /// soon as it has acknowledged what Ana brings.
    pub async fn meet(&mut self, team: &mut Team) -> Result<Meeting, Box<dyn Error>> {
        let [anas, bens] = Person::BOTH.map(|who| team.board(who).heads());
        let acknowledged = self.delivers_and_kills(Person::Ana, team).await?;
        self.relay.restart()?;
        Ok(Meeting {
            relay: self.relay.url(),
            acknowledged,
            from_ana: self.exchanges(Person::Ben, team, anas).await?,
            from_ben: self.exchanges(Person::Ana, team, bens).await?,
        })
    }

    /// Delivers what one did offline; how many changes the relay acknowledged in the moment it was killed. When this
    /// returns, the person is offline: nothing can reach a later relay a second time.
    async fn delivers_and_kills(
        &mut self,
        who: Person,
        team: &mut Team,
    ) -> Result<usize, Box<dyn Error>> {
        let (client, file) = self.returns(who, team)?;
        let unsent = client.status().pending;
        let live = self.connects(client, file)?;
        self.within(&format!("the relay has not stored what {} did", who.name()), live.saved())
            .await?;
        let acknowledged = unsent - live.status().borrow().pending;
        self.relay.kill()?;
        team.comes_back_with(who, self.leaves(who, live).await?);
        Ok(acknowledged)
    }

    /// Delivers what one did offline, and gets what leads to the other's `heads`: the changes that came.
    async fn exchanges(
        &self,
        who: Person,
        team: &mut Team,
        heads: Vec<ChangeHash>,
    ) -> Result<Vec<Change>, Box<dyn Error>> {
        let (name, other) = (who.name(), who.other().name());
        let (client, file) = self.returns(who, team)?;
        let live = self.connects(client, file)?;
        self.within(&format!("what {other} did has not reached {name}"), has(&live, heads)).await?;
        self.within(&format!("the relay has not stored what {name} did"), live.saved()).await?;
        let before = team.board(who).heads();
        team.comes_back_with(who, self.leaves(who, live).await?);
        Ok(team.board(who).changes_since(&before))
    }

    /// Opens the person's file with what they have done since.
    fn returns(
        &self,
        who: Person,
        team: &Team,
    ) -> Result<(BoardClient, BoardFile), Box<dyn Error>> {
        let (file, kept) = BoardFile::open(&self.path(who), who.replica())?;
        let board = team.board(who).clone();
        file.save(&board)?;
        Ok((BoardClient::with_board(file.document(), board, options(), kept.resume), file))
    }

    fn connects(&self, client: BoardClient, file: BoardFile) -> Result<LiveBoard, Box<dyn Error>> {
        Ok(LiveBoard::connect(&self.relay.url(), client, Some(file))?)
    }

    /// Goes offline; what is in the person's file then.
    async fn leaves(&self, who: Person, live: LiveBoard) -> Result<Board, Box<dyn Error>> {
        live.close().await?;
        let (_, kept) = BoardFile::open(&self.path(who), who.replica())?;
        Ok(kept.board.ok_or_else(|| format!("{} has no board", who.name()))?)
    }

    /// Waits, but not forever; then `failing` is what to say.
    async fn within(
        &self,
        failing: &str,
        waiting: impl Future<Output = Result<(), LiveError>>,
    ) -> Result<(), Box<dyn Error>> {
        let waited = tokio::time::timeout(self.patience, waiting).await;
        Ok(waited.map_err(|_| format!("{failing} after {} seconds", self.patience.as_secs()))??)
    }

    fn path(&self, who: Person) -> PathBuf {
        self.directory.path().join(format!("{}.kanban", who.name()))
    }
}

/// Waits until these changes and all that they build on are part of the board.
async fn has(live: &LiveBoard, heads: Vec<ChangeHash>) -> Result<(), LiveError> {
    let (mut status, mut events) = (live.status(), live.events());
    loop {
        let wanted = heads.clone();
        let has_all = move |board: Option<&Board>| {
            let document = board.map(Board::document);
            let has = |head| document.is_some_and(|it| it.get_change_by_hash(head).is_some());
            wanted.iter().all(has)
        };
        if live.with_board(has_all).await? {
            return Ok(());
        }
        tokio::select! {
            changed = status.changed() => changed.map_err(|_| LiveError::Closed)?,
            // Having missed some is news as well.
            _ = events.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanban_core::{ActorId, BoardId, CardId, ColumnId, Command, Replica, Slot, Timestamp};

    #[tokio::test]
    async fn a_relay_that_forgets_what_it_acknowledged_is_noticed() {
        let at = Timestamp::from_unix_seconds(1_500_000_000);
        let id = BoardId::parse("board").expect("an id");
        let mut start = Board::create(Replica::new(ActorId::from([1; 16])), id, "Board", at);
        let todo = ColumnId::parse("todo").expect("an id");
        let column =
            Command::CreateColumn { column: todo.clone(), name: "To do".into(), at: Slot::Last };
        start.apply(&column, at).expect("a column");
        let mut place = Place::open().expect("a relay");
        let mut team = place.share(&start).await.expect("a team");

        let card = (CardId::parse("card").expect("an id"), "Write".into(), String::new());
        team.creates(Person::Ana, at, card, (todo, None)).expect("a card");
        let anas = team.board(Person::Ana).heads();
        let acknowledged = place.delivers_and_kills(Person::Ana, &mut team).await;
        assert_eq!(acknowledged.expect("a delivery"), 1);

        place.relay = Relay::start(&place.directory.path().join("empty")).expect("a relay");
        // It can never have what Ben waits for.
        place.patience = Duration::from_secs(1);
        let error = place.exchanges(Person::Ben, &mut team, anas).await.expect_err("a gap");
        assert_eq!(error.to_string(), "what Ana did has not reached Ben after 1 seconds");
    }
}
