//! A board as many web apps kept it around 2018: a drag sends the whole order of the column it ends in.
//!
//! The comparison for our merge: the server believes the last message about a column, whatever its sender had seen.
//! So a tab that was offline, or only slow, puts every card of that column back to where the tab last saw it.

use std::collections::VecDeque;

/// Columns by id, each with its cards from top to bottom.
type Columns = Vec<(String, Vec<String>)>;

/// The server's board: every card stands in the column whose message named it last.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeListServer {
    columns: Columns,
}

/// One browser tab: a copy of the board, and what it has not sent yet.
#[derive(Debug, Clone)]
pub struct WholeListClient {
    columns: Columns,
    queue: VecDeque<WholeListMessage>,
}

/// The order of one column as its sender sees it after a drag.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeListMessage {
    /// The column the drag ended in.
    pub column: String,
    /// All its cards, from top to bottom.
    pub order: Vec<String>,
}

impl WholeListServer {
    /// A board of these columns and cards.
    pub fn new(columns: Columns) -> Self {
        Self { columns }
    }

    /// The board now.
    pub fn columns(&self) -> &[(String, Vec<String>)] {
        &self.columns
    }

    /// Sets the column to exactly the order of the message, and takes its cards out of all other columns.
    ///
    /// Cards of that column that the message does not name stay in it, below the named ones. Cards the server does
    /// not know are created. A message about an unknown column changes nothing.
    pub fn receive(&mut self, message: WholeListMessage) {
        if !self.columns.iter().any(|(id, _)| *id == message.column) {
            return;
        }
        for (_, cards) in &mut self.columns {
            cards.retain(|card| !message.order.contains(card));
        }
        if let Some((_, cards)) = self.columns.iter_mut().find(|(id, _)| *id == message.column) {
            cards.splice(0..0, message.order);
        }
    }
}

impl WholeListClient {
    /// A tab that loads the board now.
    pub fn copy_of(server: &WholeListServer) -> Self {
        Self { columns: server.columns.clone(), queue: VecDeque::new() }
    }

    /// Drops a card into a column, directly above `before`, or at the bottom if `before` is `None` or not there.
    ///
    /// Changes this copy and queues one message. Does nothing, and returns false, if this copy lacks the card or the
    /// column.
    pub fn drag(&mut self, card: &str, column: &str, before: Option<&str>) -> bool {
        let knows_card =
            self.columns.iter().any(|(_, cards)| cards.iter().any(|other| other == card));
        knows_card && self.put(card, column, before)
    }

    /// Adds a card at the bottom of a column; otherwise like [`WholeListClient::drag`].
    pub fn create(&mut self, card: &str, column: &str) -> bool {
        self.put(card, column, None)
    }

    /// The messages that were not delivered yet, oldest first.
    pub fn queued(&self) -> impl Iterator<Item = &WholeListMessage> {
        self.queue.iter()
    }

    /// Sends everything that is queued, in order. This copy stays as it is, stale or not.
    pub fn deliver(&mut self, server: &mut WholeListServer) {
        for message in self.queue.drain(..) {
            server.receive(message);
        }
    }

    /// Loads the board again, as a tab that is online does whenever it hears of a change. The queue stays.
    pub fn reload(&mut self, server: &WholeListServer) {
        self.columns.clone_from(&server.columns);
    }

    fn put(&mut self, card: &str, column: &str, before: Option<&str>) -> bool {
        let stands_in = |cards: &[String]| cards.iter().any(|other| other == card);
        let Some((_, target)) = self.columns.iter().find(|(id, _)| id == column) else {
            return false;
        };
        // Dropped above itself, a card stays where it is.
        let stays = before == Some(card) && stands_in(target);
        if !stays {
            for (_, cards) in &mut self.columns {
                cards.retain(|other| other != card);
            }
        }
        let Some((_, cards)) = self.columns.iter_mut().find(|(id, _)| id == column) else {
            return false;
        };
        if !stays {
            let place = cards.iter().position(|other| Some(other.as_str()) == before);
            cards.insert(place.unwrap_or(cards.len()), card.to_owned());
        }
        self.queue.push_back(WholeListMessage { column: column.to_owned(), order: cards.clone() });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_sends_the_whole_order_of_the_column_it_ends_in() {
        let server = board("todo: write, review | done: plan, ship");
        let mut ana = WholeListClient::copy_of(&server);
        assert!(ana.drag("write", "done", Some("ship")));
        let sent: Vec<_> = ana
            .queued()
            .map(|message| (message.column.as_str(), message.order.join(", ")))
            .collect();
        assert_eq!(sent, [("done", "plan, write, ship".to_owned())]);
    }

    #[test]
    fn what_is_delivered_is_what_the_sender_saw() {
        let mut server = board("todo: write, review | done:");
        let mut ana = WholeListClient::copy_of(&server);
        assert!(ana.drag("write", "done", None));
        assert!(ana.drag("review", "done", Some("write")));
        assert!(ana.create("ship", "todo"));
        ana.deliver(&mut server);
        assert_eq!(shown(&server), "todo: ship | done: review, write");
        assert_eq!(ana.queued().count(), 0);
    }

    #[test]
    fn a_stale_tab_undoes_another_persons_move() {
        let mut server = board("todo: write, review, test | done:");
        let (mut ana, mut ben) =
            (WholeListClient::copy_of(&server), WholeListClient::copy_of(&server));
        assert!(ben.drag("write", "done", None));
        ben.deliver(&mut server);
        assert_eq!(shown(&server), "todo: review, test | done: write");
        // Ana moves another card; her tab still has "write" in "todo", and says so.
        assert!(ana.drag("test", "todo", Some("review")));
        ana.deliver(&mut server);
        assert_eq!(shown(&server), "todo: write, test, review | done:");
    }

    #[test]
    fn two_orders_of_one_column_end_as_the_one_that_came_last() {
        let mut server = board("todo: write, review, test");
        let (mut ana, mut ben) =
            (WholeListClient::copy_of(&server), WholeListClient::copy_of(&server));
        assert!(ana.drag("test", "todo", Some("write")));
        assert!(ben.drag("write", "todo", Some("test")));
        ana.deliver(&mut server);
        ben.deliver(&mut server);
        assert_eq!(shown(&server), "todo: review, write, test");
    }

    #[test]
    fn a_card_the_sender_had_not_seen_goes_below_those_it_names() {
        let mut server = board("todo: write, review | done:");
        let (mut ana, mut ben) =
            (WholeListClient::copy_of(&server), WholeListClient::copy_of(&server));
        assert!(ben.create("urgent", "todo"));
        assert!(ben.drag("urgent", "todo", Some("write")));
        ben.deliver(&mut server);
        assert!(ana.drag("review", "todo", Some("write")));
        ana.deliver(&mut server);
        assert_eq!(shown(&server), "todo: review, write, urgent | done:");
    }

    #[test]
    fn a_tab_that_reloads_before_each_drag_undoes_nothing() {
        let mut server = board("todo: write, review, test | done:");
        let (mut ana, mut ben) =
            (WholeListClient::copy_of(&server), WholeListClient::copy_of(&server));
        assert!(ben.drag("write", "done", None));
        ben.deliver(&mut server);
        ana.reload(&server);
        assert!(ana.drag("test", "todo", Some("review")));
        ana.deliver(&mut server);
        assert_eq!(shown(&server), "todo: test, review | done: write");
    }

    #[test]
    fn a_drag_of_what_the_tab_does_not_have_changes_nothing() {
        let mut server = board("todo: write | done:");
        let mut ana = WholeListClient::copy_of(&server);
        assert!(!ana.drag("review", "done", None));
        assert!(!ana.drag("write", "gone", None));
        assert!(ana.drag("write", "todo", Some("write")));
        assert!(ana.drag("write", "done", Some("write")));
        assert!(ana.drag("write", "todo", None));
        server.receive(WholeListMessage { column: "gone".into(), order: vec!["write".into()] });
        ana.deliver(&mut server);
        assert_eq!(shown(&server), "todo: write | done:");
    }

    fn board(text: &str) -> WholeListServer {
        let column = |column: &str| {
            let (name, cards) = column.split_once(':').expect("a column");
            let cards = cards.split(',').map(str::trim).filter(|card| !card.is_empty());
            (name.trim().to_owned(), cards.map(str::to_owned).collect())
        };
        WholeListServer::new(text.split('|').map(column).collect())
    }

    fn shown(server: &WholeListServer) -> String {
        let column = |(name, cards): &(String, Vec<String>)| match cards.join(", ") {
            cards if cards.is_empty() => format!("{name}:"),
            cards => format!("{name}: {cards}"),
        };
        server.columns().iter().map(column).collect::<Vec<_>>().join(" | ")
    }
}
