//! What a file that holds a board promises, and what it says when it cannot.
#![cfg(feature = "native")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use kanban_client::{BoardFile, FileError};
use kanban_core::*;
use std::fs;
use std::path::{Path, PathBuf};
use sync_protocol::DocumentId;
use sync_protocol::client::Resume;
use tempfile::TempDir;

const AT: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

fn replica(actor: u8) -> Replica {
    Replica::new(ActorId::from([actor; 16]))
}

fn board() -> Board {
    Board::create(replica(1), BoardId::parse("b").unwrap(), "Release", AT)
}

fn document() -> DocumentId {
    DocumentId::from_bytes([5; 16])
}

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("release.kanban");
    (directory, path)
}

/// The sentence, with the directory left out.
fn sentence(error: &FileError, directory: &TempDir) -> String {
    let directory = format!("{}/", directory.path().display());
    error.to_string().replace(&directory, "")
}

fn open_error(path: &Path, directory: &TempDir) -> String {
    sentence(&BoardFile::open(path, replica(2)).unwrap_err(), directory)
}

#[test]
fn a_saved_board_is_there_again_with_what_is_known_of_the_relay() {
    let (_directory, path) = place();
    let mut board = board();
    let mut file = BoardFile::create(&path, document(), &board).unwrap();
    board.apply(&Command::RenameBoard { name: "Next".into() }, AT).unwrap();
    file.save(&board).unwrap();
    let resume = Resume::decode(&[&[1, 1][..], &board.heads()[0].0].concat()).unwrap();
    file.keep(&resume).unwrap();
    drop(file);
    let (file, kept) = BoardFile::open(&path, replica(2)).unwrap();
    assert_eq!(file.document(), document());
    assert_eq!(kept.board.unwrap().view(), board.view());
    assert_eq!(kept.resume, resume);
    assert_eq!(fs::read(&path).unwrap(), board.save(), "nothing but what Automerge reads");
}

#[test]
fn a_board_that_has_not_arrived_is_asked_for_again() {
    let (_directory, path) = place();
    drop(BoardFile::join(&path, document()).unwrap());
    let (file, kept) = BoardFile::open(&path, replica(2)).unwrap();
    assert!(kept.board.is_none());
    file.save(&board()).unwrap();
    drop(file);
    assert!(BoardFile::open(&path, replica(3)).unwrap().1.board.is_some());
}

#[test]
fn two_programs_do_not_open_one_board() {
    let (directory, path) = place();
    let file = BoardFile::create(&path, document(), &board()).unwrap();
    let in_use = "release.kanban is already open in another program";
    assert_eq!(open_error(&path, &directory), in_use);
    drop(file);
    let opened = BoardFile::open(&path, replica(2)).unwrap();
    assert_eq!(open_error(&path, &directory), in_use);
    drop(opened);
}

#[test]
fn a_board_is_never_overwritten_by_a_new_one() {
    let (directory, path) = place();
    drop(BoardFile::create(&path, document(), &board()).unwrap());
    let error = BoardFile::create(&path, document(), &board()).unwrap_err();
    assert_eq!(sentence(&error, &directory), "release.kanban exists already; choose another name");
}

#[test]
fn what_cannot_be_opened_is_said_in_one_sentence() {
    let (directory, path) = place();
    assert_eq!(open_error(&path, &directory), "there is no board at release.kanban");
    fs::write(&path, board().save()).unwrap();
    assert_eq!(
        open_error(&path, &directory),
        "release.kanban.sync is missing, so it is not known which document of the relay the board \
         is"
    );
    fs::remove_file(&path).unwrap();
    drop(BoardFile::create(&path, document(), &board()).unwrap());

    let cause = |directory| {
        let error = BoardFile::open(&path, replica(2)).unwrap_err();
        assert_eq!(sentence(&error, directory), "release.kanban cannot be opened as a board");
        std::error::Error::source(&error).unwrap().to_string()
    };
    let saved = fs::read(&path).unwrap();
    fs::write(&path, &saved[..saved.len() - 5]).unwrap();
    assert!(cause(&directory).starts_with("the saved board is damaged or cut short"));
    fs::write(&path, "To do: write docs").unwrap();
    assert!(cause(&directory).starts_with("this is not an Automerge document"));
    fs::write(&path, "").unwrap();
    assert!(cause(&directory).starts_with("the saved board is empty"));

    fs::write(directory.path().join("release.kanban.sync"), "https://example.com\n").unwrap();
    assert_eq!(
        open_error(&path, &directory),
        "release.kanban.sync does not start with the address of a document"
    );
}

#[test]
fn a_missing_directory_is_named() {
    let (directory, path) = place();
    let path = path.with_file_name("nowhere").join("release.kanban");
    let error = BoardFile::create(&path, document(), &board()).unwrap_err();
    assert_eq!(sentence(&error, &directory), "there is no directory nowhere");
}

#[cfg(unix)]
#[test]
fn a_directory_that_may_not_be_written_to_is_said_to_be_one() {
    use std::os::unix::fs::PermissionsExt;
    let (directory, path) = place();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(directory.path().join("probe"), "").is_ok() {
        return; // As root everything is permitted.
    }
    let error = BoardFile::create(&path, document(), &board()).unwrap_err();
    let expected = "there is no permission to create release.kanban.sync";
    assert_eq!(sentence(&error, &directory), expected);
}

#[test]
fn what_is_known_of_the_relay_may_be_damaged_without_harm() {
    let (directory, path) = place();
    drop(BoardFile::create(&path, document(), &board()).unwrap());
    let link = directory.path().join("release.kanban.sync");
    let mut bytes = fs::read(&link).unwrap();
    bytes.extend(b"torn");
    fs::write(&link, bytes).unwrap();
    let (file, kept) = BoardFile::open(&path, replica(2)).unwrap();
    assert_eq!((file.document(), kept.resume), (document(), Resume::default()));
}

#[test]
fn a_crash_while_writing_leaves_the_board_before() {
    let (directory, path) = place();
    drop(BoardFile::create(&path, document(), &board()).unwrap());
    // Half of a new board, never renamed.
    fs::write(directory.path().join("release.kanban.new"), &board().save()[..20]).unwrap();
    let (file, kept) = BoardFile::open(&path, replica(2)).unwrap();
    assert_eq!(kept.board.unwrap().view(), board().view());
    file.save(&board()).unwrap();
}
