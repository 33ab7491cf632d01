//! Frames as automerge-repo 2.5 puts them on a socket, and what we make of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use proptest::prelude::*;
use sync_protocol::{
    DecodeError, DocumentId, Message, PeerId, SyncFlags, SyncFormat, SyncMessage, decode, encode,
};

/// The document of the captured frames, 28 characters; its id was drawn anew for the tests.
const DOCUMENT: &str = "23bxuADen4cDQPU1mSkpeXWTpjK6";

/// Writes CBOR by hand: hexadecimal, with texts in quotes as plain text strings.
fn bytes(notation: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, part) in notation.split('"').enumerate() {
        if index % 2 == 1 {
            assert!(part.len() < 256);
            match part.len() as u8 {
                short @ 0..24 => out.push(0x60 | short),
                long => out.extend([0x78, long]),
            }
            out.extend(part.as_bytes());
            continue;
        }
        let digits: Vec<u8> = part.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        for pair in digits.chunks(2) {
            out.push(u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
        }
    }
    out
}

fn join() -> Vec<u8> {
    bytes(concat!(
        "b900046474797065646a6f696e6873656e646572496465616c6963656c706565724d65746164617461",
        "b900026973746f726167654964f76b6973457068656d6572616cf57819737570706f7274656450726f",
        "746f636f6c56657273696f6e73816131",
    ))
}

fn peer() -> Vec<u8> {
    bytes(concat!(
        r#"b90005 "type" "peer" "senderId" "storage-server-x" "peerMetadata" b90002 "storageId" "#,
        r#""3760df37-a4c6-4f66-9ecd-732039a9385d" "isEphemeral" f4 "#,
        r#""selectedProtocolVersion" "1" "targetId" "alice""#,
    ))
}

fn request() -> Vec<u8> {
    bytes(&format!(
        r#"b90005 "type" "request" "targetId" "storage-server-x" "documentId" "{DOCUMENT}" "data" 4a42000001000000020284 "senderId" "bob""#
    ))
}

fn unavailable() -> Vec<u8> {
    bytes(&format!(
        r#"b90004 "type" "doc-unavailable" "documentId" "{DOCUMENT}" "targetId" "bob" "senderId" "storage-server-x""#
    ))
}

fn ephemeral() -> Vec<u8> {
    bytes(&format!(
        r#"b90007 "type" "ephemeral" "targetId" "storage-server-x" "documentId" "{DOCUMENT}" "data" 4d b90001 66637572736f72 820102 "count" 01 "sessionId" "rhace6os8kp" "senderId" "alice""#
    ))
}

fn error() -> Vec<u8> {
    bytes(
        r#"b90004 "type" "error" "senderId" "storage-server-x" "message" "unsupported protocol version" "targetId" "carol""#,
    )
}

/// The answer to a reader whose document is at the one head `H`: 74 bytes of payload.
fn in_sync() -> Vec<u8> {
    let head = "a7".repeat(32);
    bytes(&format!(
        r#"b90005 "type" "sync" "targetId" "storage-server-x" "documentId" "{DOCUMENT}" "data" 584a 43 01 {head} 00 01 01 {head} 00 00 020284 "senderId" "bob""#
    ))
}

/// What `remote-heads-changed` holds is read and written by nobody unless gossiping is switched
/// on; its time is a float because JavaScript's is above 2^32.
fn remote_heads() -> Vec<u8> {
    bytes(&format!(
        r#"b90005 "type" "remote-heads-changed" "senderId" "storage-server-x" "targetId" "bob" "documentId" "{DOCUMENT}" "newHeads" b90001 "3760df37-a4c6-4f66-9ecd-732039a9385d" b90002 "heads" 80 "timestamp" fb42799d5b1f5c0000"#
    ))
}

fn subscription() -> Vec<u8> {
    bytes(
        r#"b90005 "type" "remote-subscription-change" "senderId" "bob" "targetId" "storage-server-x" "add" 81 "3760df37-a4c6-4f66-9ecd-732039a9385d" "remove" f7"#,
    )
}

fn frames() -> Vec<Vec<u8>> {
    vec![
        join(),
        peer(),
        request(),
        unavailable(),
        ephemeral(),
        error(),
        in_sync(),
        remote_heads(),
        subscription(),
    ]
}

fn id(text: &str) -> PeerId {
    PeerId::parse(text).unwrap()
}

fn document() -> DocumentId {
    DocumentId::parse(DOCUMENT).unwrap()
}

#[test]
fn a_client_joins_with_an_undefined_storage_and_a_16_bit_map_head() {
    let frame = join();
    let Ok(Message::Join(join)) = decode(&frame) else { panic!("not a join") };
    assert_eq!(join.sender, id("alice"));
    assert_eq!((join.metadata.storage, join.metadata.is_ephemeral), (None, true));
    assert_eq!(join.versions, ["1"]);
}

#[test]
fn a_join_may_call_its_metadata_metadata_and_leave_out_its_versions() {
    let frame = bytes(r#"a3 "senderId" "dave" "type" "join" "metadata" a1 "storageId" "laptop""#);
    let Ok(Message::Join(join)) = decode(&frame) else { panic!("not a join") };
    assert_eq!(join.metadata.storage.unwrap().as_str(), "laptop");
    assert!(!join.metadata.is_ephemeral);
    assert_eq!(join.versions, ["1"]);
}

#[test]
fn a_server_introduces_itself() {
    let frame = peer();
    let Ok(Message::Peer(peer)) = decode(&frame) else { panic!("not a peer") };
    assert_eq!((peer.sender, peer.target), (id("storage-server-x"), id("alice")));
    assert_eq!(peer.metadata.storage.unwrap().as_str(), "3760df37-a4c6-4f66-9ecd-732039a9385d");
    assert!(!peer.metadata.is_ephemeral);
    assert_eq!(peer.version, "1");
}

#[test]
fn a_client_requests_a_document_of_which_it_has_nothing() {
    let frame = request();
    let Ok(Message::Request(request)) = decode(&frame) else { panic!("not a request") };
    assert_eq!(request.sender, id("bob"));
    assert_eq!(request.document, document());
    let message = SyncMessage::decode(&request.data).unwrap();
    assert_eq!(message.format, SyncFormat::Changes);
    assert!(message.heads.is_empty() && message.need.is_empty() && message.changes.is_empty());
    assert_eq!(message.have, [Default::default()]);
    assert!(message.has_flags(SyncFlags::SUPPORTS_SYNC_RESET));
    assert!(!message.has_flags(SyncFlags::READ_ONLY));
    assert_eq!(message.encode(), *request.data);
}

#[test]
fn a_client_in_sync_sends_the_canonical_acknowledgement() {
    let frame = in_sync();
    let Ok(Message::Sync(sync)) = decode(&frame) else { panic!("not a sync") };
    let message = SyncMessage::decode(&sync.data).unwrap();
    assert_eq!(sync_protocol::acknowledgement(&message.heads), *sync.data);
    assert_eq!(message.format, SyncFormat::Blob);
}

#[test]
fn a_server_does_not_have_a_document() {
    let frame = unavailable();
    let Ok(Message::DocumentUnavailable(unavailable)) = decode(&frame) else {
        panic!("not unavailable")
    };
    assert_eq!((unavailable.target, unavailable.document), (id("bob"), document()));
}

#[test]
fn a_cursor_moves() {
    let frame = ephemeral();
    let Ok(Message::Ephemeral(ephemeral)) = decode(&frame) else { panic!("not ephemeral") };
    assert_eq!(ephemeral.author, id("alice"));
    assert_eq!((ephemeral.session.as_str(), ephemeral.count), ("rhace6os8kp", 1));
    assert_eq!(*ephemeral.data, *b"\xb9\x00\x01\x66cursor\x82\x01\x02");
}

#[test]
fn a_server_refuses_in_words() {
    let frame = error();
    let Ok(Message::Error(refusal)) = decode(&frame) else { panic!("not an error") };
    assert_eq!(refusal.reason, "unsupported protocol version");
    assert_eq!(refusal.target, Some(id("carol")));
    // samod leaves both ids out.
    let frame = bytes(r#"a2 "type" "error" "message" "no""#);
    let Ok(Message::Error(refusal)) = decode(&frame) else { panic!("not an error") };
    assert_eq!((refusal.sender, refusal.target), (None, None));
}

#[test]
fn a_time_in_milliseconds_arrives_as_a_float_and_leaves_as_one() {
    let frame = remote_heads();
    let message = decode(&frame).unwrap();
    let Message::RemoteHeadsChanged(change) = &message else { panic!("not heads") };
    let time = change.heads.values().next().unwrap().timestamp_ms;
    assert_eq!(time as f64, f64::from_bits(0x4279_9d5b_1f5c_0000));
    assert_eq!(decode(&encode(&message)).as_ref(), Ok(&message));
    let float = [0xfb, 0x42, 0x79, 0x9d, 0x5b, 0x1f, 0x5c, 0x00, 0x00];
    assert!(encode(&message).ends_with(&float));
}

#[test]
fn an_undefined_list_of_storages_is_empty() {
    let frame = subscription();
    let Ok(Message::RemoteSubscriptionChange(change)) = decode(&frame) else {
        panic!("not a subscription")
    };
    assert_eq!((change.add.len(), change.remove.len()), (1, 0));
}

#[test]
fn indefinite_lengths_tags_raw_ids_and_unknown_keys_are_understood() {
    let raw_id = document().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    // An indefinite map; the sender in two pieces; data tagged as an array of bytes, in two
    // pieces; the document as 16 bytes; unknown keys that hold a half float, a nested list and a
    // big number; a key that is no text.
    let frame = bytes(&format!(
        r#"bf "type" "sync" "senderId" 7f "al" "ice" ff "targetId" "relay" "documentId" 50 {raw_id}
           "data" d840 5f 4101 420203 ff "half" f93c00 "nested" 9f 81 a1 01 f6 ff "big" c2 42 0100
           07 "seven" ff"#
    ));
    let Ok(Message::Sync(sync)) = decode(&frame) else { panic!("{:?}", decode(&frame)) };
    assert_eq!((sync.sender, sync.document), (id("alice"), document()));
    assert_eq!(*sync.data, [1, 2, 3]);
}

#[test]
fn a_message_of_an_unknown_type_is_named_and_may_use_known_keys_in_its_own_way() {
    let frame = bytes(r#"a3 "type" "arrive" "data" a1 01 02 "senderId" 07"#);
    assert_eq!(decode(&frame), Ok(Message::Unknown { kind: "arrive".into() }));
}

#[test]
fn what_is_not_a_message_is_refused_in_one_sentence() {
    let said = |notation: &str| decode(&bytes(notation)).unwrap_err().to_string();
    assert_eq!(said(""), "the frame is cut short");
    assert_eq!(said("81 01"), "the frame is not a CBOR map");
    assert_eq!(said(r#"a1 "type" 1c"#), "the frame is not CBOR from byte 6 on");
    assert_eq!(said("a0"), "the map has no `type`: it is not a message of automerge-repo");
    assert_eq!(said(r#"a1 "type" 07"#), "`type` is not text");
    assert_eq!(said(r#"a1 "type" "join""#), "the message has no `senderId`");
    assert_eq!(said(r#"a2 "type" "leave" "senderId" """#), "`senderId` is not an id");
    assert_eq!(said("a0 00"), "the frame goes on after its map, at byte 1");
    assert_eq!(
        said(r#"a2 "type" "leave" "type" "join""#),
        "a map has the same key twice, at byte 17"
    );
    let text = said(&request_with("documentId", r#""1111""#));
    assert_eq!(text, "`documentId` names no document");
    assert_eq!(said(&request_with("data", "01")), "`data` is not a byte string");
    assert_eq!(said(&request_with("data", "d841 41 00")), "`data` is not a byte string");
    let deep = "81".repeat(17);
    assert!(said(&format!(r#"a1 "x" {deep} 00"#)).contains("nested more than 16 deep"));
    let keys: String = (0..65).map(|key| format!("18{key:02x} 00")).collect();
    assert_eq!(said(&format!("b841 {keys}")), "a map has more than 64 keys");
    let versions = r#""1""#.repeat(17);
    let many =
        format!(r#"a3 "type" "join" "senderId" "x" "supportedProtocolVersions" 91 {versions}"#);
    assert_eq!(said(&many), "`supportedProtocolVersions` has more than 16 entries");
}

#[test]
fn a_frame_above_the_limit_is_refused_unread() {
    let frame = vec![0xff; sync_protocol::FRAME_BYTES_MAX + 1];
    assert!(matches!(decode(&frame), Err(DecodeError::TooLarge { .. })));
}

#[test]
fn nesting_of_a_million_levels_overflows_no_stack() {
    let mut frame = bytes(r#"a1 "x""#);
    frame.extend(std::iter::repeat_n(0x81, 1_000_000));
    assert!(matches!(decode(&frame), Err(DecodeError::TooDeep { .. })));
}

#[test]
fn a_claimed_length_costs_nothing() {
    for claim in
        ["5bffffffffffffffff", "7bffffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff"]
    {
        for key in ["type", "data", "unknown"] {
            assert_eq!(
                decode(&bytes(&format!(r#"a1 "{key}" {claim}"#))),
                Err(DecodeError::CutShort)
            );
        }
        assert!(decode(&bytes(claim)).is_err());
    }
}

#[test]
fn every_captured_frame_cut_anywhere_is_refused() {
    for frame in frames() {
        assert!(decode(&frame).is_ok());
        for length in 0..frame.len() {
            assert_eq!(decode(&frame[..length]), Err(DecodeError::CutShort), "{length}");
        }
    }
}

#[test]
fn every_captured_frame_means_the_same_after_we_have_encoded_it() {
    for frame in frames() {
        let message = decode(&frame).unwrap();
        assert_eq!(decode(&encode(&message)), Ok(message));
    }
}

/// A request in which one field holds something else.
fn request_with(field: &str, value: &str) -> String {
    let of = |name: &str, usual: &str| if name == field { value.to_owned() } else { usual.into() };
    let (document, data) = (of("documentId", &format!("\"{DOCUMENT}\"")), of("data", "40"));
    format!(
        r#"a5 "type" "request" "senderId" "a" "targetId" "b" "documentId" {document} "data" {data}"#
    )
}

proptest! {
    #[test]
    fn no_bytes_panic(frame: Vec<u8>) {
        let _ = decode(&frame);
    }

    #[test]
    fn no_damaged_frame_panics(
        which in 0..9_usize,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut frame = frames().swap_remove(which);
        for (index, byte) in damage {
            let index = index.index(frame.len());
            frame[index] = byte;
        }
        if let Ok(message) = decode(&frame) {
            let again = encode(&message);
            prop_assert_eq!(decode(&again), Ok(message));
        }
    }
}
