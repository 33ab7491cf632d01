//! People with boards, their sockets in memory, and a relay made of `sync_protocol`.

use crate::support::Relay;
use kanban_client::{BoardClient, BoardOutput};
use kanban_core::*;
use std::collections::VecDeque;
use std::time::Duration;
use sync_protocol::client::{ClientOptions, Input, Resume};
use sync_protocol::*;

pub const AT: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

pub fn document() -> DocumentId {
    DocumentId::from_bytes([3; 16])
}

fn relay_peer() -> PeerId {
    PeerId::parse("relay").unwrap()
}

fn peer(index: usize) -> PeerId {
    PeerId::parse(&format!("person {index}")).unwrap()
}

pub fn replica(index: usize) -> Replica {
    Replica::new(ActorId::from([index as u8 + 1; 16]))
}

pub fn column(name: &str) -> ColumnId {
    ColumnId::parse(name).unwrap()
}

pub fn card(name: &str) -> CardId {
    CardId::parse(name).unwrap()
}

/// A board with the columns `todo` and `done`.
pub fn board() -> Board {
    let mut board = Board::create(replica(0), BoardId::parse("b").unwrap(), "Release", AT);
    for name in ["todo", "done"] {
        let command =
            Command::CreateColumn { column: column(name), name: name.into(), at: Slot::Last };
        board.apply(&command, AT).unwrap();
    }
    board
}

pub struct Person {
    pub client: BoardClient,
    /// What the client said that is neither a frame nor about the socket.
    pub news: Vec<BoardOutput>,
    to_relay: VecDeque<Vec<u8>>,
    from_relay: VecDeque<Vec<u8>>,
    is_online: bool,
}

pub struct Team {
    pub relay: Relay,
    pub people: Vec<Person>,
}

impl Team {
    pub fn new() -> Self {
        Self { relay: Relay::new(), people: Vec::new() }
    }

    pub fn brings(&mut self, board: Board) -> usize {
        let options = ClientOptions::new(peer(self.people.len()), 1);
        self.add(BoardClient::with_board(document(), board, options, Resume::default()))
    }

    pub fn joins(&mut self) -> usize {
        let index = self.people.len();
        let options = ClientOptions::new(peer(index), 1);
        self.add(BoardClient::joining(document(), replica(index), options))
    }

    fn add(&mut self, client: BoardClient) -> usize {
        let (to_relay, from_relay) = (VecDeque::new(), VecDeque::new());
        let news = Vec::new();
        self.people.push(Person { client, news, to_relay, from_relay, is_online: false });
        self.people.len() - 1
    }

    pub fn tell(&mut self, index: usize, input: Input<'_>) {
        let mut inputs = VecDeque::from([None]);
        while let Some(next) = inputs.pop_front() {
            let person = &mut self.people[index];
            person.client.handle(next.unwrap_or(input), Duration::ZERO);
            while let Some(output) = person.client.poll_output() {
                match output {
                    BoardOutput::Dial => inputs.push_back(Some(Input::Opened)),
                    BoardOutput::Send(frame) => person.to_relay.push_back(frame),
                    BoardOutput::HangUp => self.relay.disconnect(index),
                    news => person.news.push(news),
                }
            }
        }
    }

    pub fn does(&mut self, index: usize, command: Command) {
        self.people[index].client.apply(&command, AT).unwrap();
        self.tell(index, Input::Changed);
    }

    pub fn adds_card(&mut self, index: usize, name: &str) {
        self.does(
            index,
            Command::CreateCard {
                card: card(name),
                column: column("todo"),
                at: Slot::Last,
                title: name.into(),
                description: String::new(),
            },
        );
    }

    pub fn moves_card(&mut self, index: usize, name: &str, to: &str) {
        let (card, column) = (card(name), column(to));
        self.does(index, Command::MoveCard { card, column, to: Slot::First });
    }

    pub fn goes_online(&mut self, index: usize) {
        if !std::mem::replace(&mut self.people[index].is_online, true) {
            self.tell(index, Input::Reconnect);
        }
    }

    pub fn goes_offline(&mut self, index: usize) {
        let person = &mut self.people[index];
        if std::mem::take(&mut person.is_online) {
            person.to_relay.clear();
            person.from_relay.clear();
            self.relay.disconnect(index);
            self.tell(index, Input::Closed);
        }
    }

    /// Lets everybody who is online speak until nobody has anything to say.
    pub fn settle(&mut self) {
        let mut busy = true;
        while busy {
            busy = false;
            for index in 0..self.people.len() {
                if let Some(frame) = self.people[index].to_relay.pop_front() {
                    self.relay_takes(index, &frame);
                    busy = true;
                }
                if let Some(frame) = self.people[index].from_relay.pop_front() {
                    self.tell(index, Input::Frame(&frame));
                    busy = true;
                }
            }
        }
    }

    /// What the relay says to somebody, whatever it has.
    pub fn hears(&mut self, index: usize, data: Vec<u8>) {
        let frame = self.sync_to(index, data);
        self.tell(index, Input::Frame(&frame));
    }

    /// What somebody has said since, as sync messages.
    pub fn said(&mut self, index: usize) -> Vec<Vec<u8>> {
        let frames = self.people[index].to_relay.drain(..);
        let data = frames.filter_map(|frame| match decode(&frame).unwrap() {
            Message::Sync(sync) | Message::Request(sync) => Some(sync.data.into_owned()),
            _ => None,
        });
        data.collect()
    }

    fn sync_to(&self, index: usize, data: Vec<u8>) -> Vec<u8> {
        let (sender, target) = (relay_peer(), peer(index));
        encode(&Message::Sync(DocumentSync {
            sender,
            target,
            document: document(),
            data: data.into(),
        }))
    }

    pub fn relay_takes(&mut self, index: usize, frame: &[u8]) {
        match decode(frame).unwrap() {
            Message::Join(_) => {
                let relay = Handshake::new(
                    relay_peer(),
                    PeerMetadata { is_durable: true, ..PeerMetadata::default() },
                );
                let (_, answer) = relay.accept(frame).unwrap();
                self.people[index].from_relay.push_back(answer);
                self.relay.connect(index, Access::ReadWrite);
            }
            Message::Request(sync) | Message::Sync(sync) => {
                self.relay.receive(index, &sync.data).unwrap();
                self.relay.store();
                for to in 0..self.people.len() {
                    if let Some(data) = self.relay.speak(to) {
                        let frame = self.sync_to(to, data);
                        self.people[to].from_relay.push_back(frame);
                    }
                }
            }
            other => panic!("a client does not say {}", other.kind()),
        }
    }

    pub fn view(&self, index: usize) -> BoardView {
        self.people[index].client.board().unwrap().view()
    }
}
