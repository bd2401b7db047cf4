//! Every rule refuses a change that breaks it alone, and nothing makes the reader panic.

use super::bytes::Bytes;
use super::columns::number;
use super::draft::{ACTOR, Draft, LOWER, UPPER, prefixed, sealed, signed, unsigned};
use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

fn check(draft: Draft, refused: ChangeRefused) {
    assert_eq!(ChangeHeader::read(&draft.sealed()), Err(refused));
}

fn accepted(draft: Draft) -> u64 {
    ChangeHeader::read(&draft.sealed()).unwrap().operations
}

#[test]
fn a_change_written_by_hand_is_read() {
    let draft = Draft { dependencies: vec![[1; 32], [2; 32]], extra: vec![0; EXTRA_BYTES_MAX], ..Draft::new() };
    let header = ChangeHeader::read(&draft.sealed()).unwrap();
    assert_eq!(header.dependencies, draft.dependencies);
    assert_eq!((header.actor, header.sequence, header.start_operation), (ACTOR, 1, 10));
    assert_eq!(header.operations, 1);
    assert_eq!(accepted(Draft { columns: vec![], ..Draft::new() }), 0);
    assert_eq!(accepted(Draft::repeated(300)), 300);
}

#[test]
fn only_one_whole_plain_chunk_is_opened() {
    let read = |bytes: &[u8]| ChangeHeader::read(bytes).unwrap_err();
    let honest = Draft::new().sealed();
    for given in [0, 2, 3, 4, 255] {
        assert_eq!(read(&sealed(given, &[0; 100])), ChangeRefused::ChunkType { given });
    }
    let actual = Draft::new().contents().len() as u64 + 1;
    assert_eq!(read(&[&honest[..], &[0]].concat()), ChangeRefused::ChunkLength { given: actual - 1, actual });
    assert_eq!(read(&[&[0][..], &honest[1..]].concat()), ChangeRefused::MagicMissing);
    assert_eq!(read(&[&honest[..4], &[0; 4], &honest[8..]].concat()), ChangeRefused::ChecksumWrong);
    let given = CHANGE_BYTES_MAX as u64 + 1;
    assert_eq!(read(&vec![0; CHANGE_BYTES_MAX + 1]), ChangeRefused::TooLong { given, limit: given - 1 });
    assert_eq!(read(&honest[..2]), ChangeRefused::EndsEarly { needed: 4, left: 2 });
}

#[test]
fn a_header_keeps_its_limits() {
    let draft = Draft::new;
    let many = (0..=DEPENDENCIES_MAX).map(|number| [number as u8; 32]).collect();
    check(Draft { dependencies: many, ..draft() }, ChangeRefused::TooManyDependencies { given: 65, limit: 64 });
    check(Draft { dependencies: vec![[2; 32], [1; 32]], ..draft() }, ChangeRefused::DependenciesUnordered);
    check(Draft { dependencies: vec![[1; 32], [1; 32]], ..draft() }, ChangeRefused::DependenciesUnordered);
    check(Draft { actor: vec![5; 15], ..draft() }, ChangeRefused::ActorLength { given: 15 });
    check(Draft { sequence: 0, ..draft() }, ChangeRefused::SequenceOutOfRange { given: 0, limit: SEQUENCE_MAX });
    let limit = OPERATION_COUNTER_MAX;
    check(Draft { start_operation: 0, ..draft() }, ChangeRefused::CounterOutOfRange { given: 0, limit });
    check(Draft { start_operation: u64::MAX, ..draft() }, ChangeRefused::CounterOutOfRange { given: u64::MAX, limit });
    assert_eq!(accepted(Draft { start_operation: limit, ..draft() }), 1);
    let beyond = Draft { start_operation: limit, ..Draft::repeated(2) };
    check(beyond, ChangeRefused::CounterOutOfRange { given: limit + 1, limit });
    check(Draft { time: i64::MIN, ..draft() }, ChangeRefused::TimeOutOfRange { given: i64::MIN, limit: TIME_MAX });
    check(
        Draft { time: TIME_MAX + 1, ..draft() },
        ChangeRefused::TimeOutOfRange { given: TIME_MAX + 1, limit: TIME_MAX },
    );
    check(Draft { message: "tin", ..draft() }, ChangeRefused::MessagePresent { given: 3 });
    check(Draft { extra: vec![0; 65], ..draft() }, ChangeRefused::ExtraTooLong { given: 65, limit: 64 });
}

#[test]
fn other_actors_are_few_and_ordered_and_used() {
    let with =
        |actors: &[&[u8]]| Draft { other_actors: actors.iter().map(|actor| actor.to_vec()).collect(), ..Draft::new() };
    check(with(&[&LOWER, &UPPER]), ChangeRefused::ActorUnused { place: 1 });
    check(with(&[&UPPER, &LOWER]), ChangeRefused::ActorsUnordered);
    check(with(&[&LOWER, &LOWER]), ChangeRefused::ActorsUnordered);
    check(with(&[&ACTOR]), ChangeRefused::ActorsUnordered);
    check(with(&[&LOWER[..3]]), ChangeRefused::ActorLength { given: 3 });
    check(with(&[&LOWER[..]; 65]), ChangeRefused::TooManyActors { given: 65, limit: 64 });
    check(overwriting(&[0x7f, 1], &[0x7f, 3]), ChangeRefused::ActorUnknown { given: 1, limit: 0 });
}

#[test]
fn columns_are_known_and_ordered_and_plain() {
    let column = 8;
    check(Draft::new().with(column, [1]), ChangeRefused::ColumnDeflated { column });
    check(Draft::new().with(number::ACTION + 8, [1]), ChangeRefused::ColumnDeflated { column: number::ACTION + 8 });
    check(Draft::new().with(3, [1]), ChangeRefused::ColumnUnknown { column: 3 });
    check(Draft::new().with(u64::MAX - 8, [1]), ChangeRefused::ColumnUnknown { column: u64::MAX - 8 });
    check(Draft::new().with(number::EXPAND, []), ChangeRefused::ColumnEmpty { column: number::EXPAND });
    let mut swapped = Draft::new();
    swapped.columns.swap(0, 1);
    check(swapped, ChangeRefused::ColumnsUnordered { column: number::KEY_TEXT });
    let mut twice = Draft::new();
    twice.columns.push((number::PREDECESSOR_COUNT, vec![0x7f, 0]));
    check(twice, ChangeRefused::ColumnsUnordered { column: number::PREDECESSOR_COUNT });
}

#[test]
fn a_run_claims_no_more_operations_than_its_bytes_pay_for() {
    for rows in [1_000_000, 5_000_000, i64::MAX as u64] {
        check(Draft::repeated(rows), ChangeRefused::TooManyOperations { given: rows, limit: OPERATIONS_MAX });
    }
    let paid = OPERATIONS_FREE + OPERATIONS_PER_BYTE * Draft::repeated(4_000).sealed().len() as u64;
    check(Draft::repeated(4_000), ChangeRefused::TooManyOperations { given: 4_000, limit: paid });
    check(deleting(OPERATIONS_MAX + 1), ChangeRefused::TooManyOperations { given: 4_097, limit: OPERATIONS_MAX });
    assert_eq!(accepted(deleting(OPERATIONS_MAX)), OPERATIONS_MAX);
}

/// Deletes as many neighbours of one list as told, as deleting a paragraph does.
fn deleting(rows: u64) -> Draft {
    let run = |value: &[u8]| [signed(rows as i64), value.to_vec()].concat();
    let draft = Draft { start_operation: 10_000, ..Draft::repeated(rows) };
    draft
        .without(number::KEY_TEXT)
        .with(number::OBJECT_ACTOR, run(&[0]))
        .with(number::OBJECT_COUNTER, run(&[1]))
        .with(number::KEY_ACTOR, run(&[0]))
        .with(number::KEY_COUNTER, run(&[1]))
        .with(number::ACTION, run(&[3]))
        .with(number::PREDECESSOR_COUNT, run(&[1]))
        .with(number::PREDECESSOR_ACTOR, run(&[0]))
        .with(number::PREDECESSOR_COUNTER, run(&[1]))
}

#[test]
fn no_column_disagrees_with_the_actions() {
    let expected = 1;
    for (column, longer) in [
        (number::KEY_TEXT, &[2, 1, b'k'][..]),
        (number::INSERT, &[2]),
        (number::VALUE_KIND, &[2, 0]),
        (number::PREDECESSOR_COUNT, &[2, 0]),
        (number::MARK_NAME, &[0, 1, 0x7f, 1, b'm']),
        (number::OBJECT_ACTOR, &[0, 1, 0x7f, 0]),
    ] {
        check(Draft::new().with(column, longer), ChangeRefused::RowsDisagree { column, expected });
    }
    for column in [number::INSERT, number::VALUE_KIND, number::PREDECESSOR_COUNT] {
        check(Draft::new().without(column), ChangeRefused::RowsDisagree { column, expected });
        check(
            Draft::repeated(2).with(column, Draft::new().columns_of(column)),
            ChangeRefused::RowsDisagree { column, expected: 2 },
        );
    }
    check(Draft::new().without(number::ACTION), ChangeRefused::RowsDisagree { column: number::KEY_TEXT, expected: 0 });
    check(Draft::new().with(number::VALUE_KIND, [0, 1]), ChangeRefused::ValueAbsent { column: number::VALUE_KIND });
    check(Draft::new().with(number::ACTION, [0, 1]), ChangeRefused::ValueAbsent { column: number::ACTION });
}

#[test]
fn a_run_is_written_in_its_shortest_form_only() {
    let malformed = |column| ChangeRefused::RunMalformed { column };
    check(Draft::new().with(number::ACTION, [1, 1]), malformed(number::ACTION));
    check(Draft::new().with(number::ACTION, [0, 0, 0x7f, 1]), malformed(number::ACTION));
    for runs in [&[0x7e, 1, 1][..], &[0x7f, 1, 0x7f, 2], &[2, 1, 2, 1], &[2, 1, 0x7f, 1]] {
        check(Draft::repeated(2).with(number::ACTION, runs), malformed(number::ACTION));
    }
    check(Draft::new().with(number::INSERT, [0, 0, 1]), malformed(number::INSERT));
    check(Draft::repeated(2).with(number::INSERT, [1, 0, 1]), malformed(number::INSERT));
    check(Draft::new().with(number::MARK_NAME, [0, 1]), malformed(number::MARK_NAME));
    check(Draft::repeated(2).with(number::MARK_NAME, [0, 1, 0, 1]), malformed(number::MARK_NAME));
    check(Draft::new().with(number::EXPAND, [1]), malformed(number::EXPAND));
    check(Draft::new().with(number::ACTION, [0xff, 0x7f, 1]), ChangeRefused::NumberMalformed);
    check(Draft::new().with(number::ACTION, [0x7f, 0x81, 0]), ChangeRefused::NumberMalformed);
}

/// A `put` that overwrites the operations that the two columns name.
fn overwriting(actors: &[u8], counters: &[u8]) -> Draft {
    let count = if actors[0] == 0x7f { 1 } else { 2 };
    Draft::new()
        .with(number::PREDECESSOR_COUNT, [0x7f, count])
        .with(number::PREDECESSOR_ACTOR, actors)
        .with(number::PREDECESSOR_COUNTER, counters)
}

#[test]
fn predecessors_are_few_and_ordered_and_earlier() {
    let out_of_range = ChangeRefused::ReferenceOutOfRange { column: number::PREDECESSOR_COUNTER };
    assert_eq!(accepted(overwriting(&[0x7f, 0], &[0x7f, 9])), 1);
    assert_eq!(accepted(overwriting(&[2, 0], &[0x7e, 3, 1])), 1);
    check(overwriting(&[0x7f, 0], &[0x7f, 10]), out_of_range.clone());
    check(overwriting(&[0x7f, 0], &[0x7f, 0]), out_of_range.clone());
    check(overwriting(&[0x7f, 0], &[0x7f, 0x7f]), out_of_range.clone());
    check(overwriting(&[0x7f, 0], &[&[0x7f][..], &signed(i64::MAX)].concat()), out_of_range);
    check(overwriting(&[2, 0], &[0x7e, 3, 0x7f]), ChangeRefused::PredecessorsUnordered);
    check(overwriting(&[2, 0], &[0x7e, 3, 0]), ChangeRefused::PredecessorsUnordered);
    let column = number::PREDECESSOR_COUNTER;
    check(overwriting(&[2, 0], &[0x7f, 3]), ChangeRefused::RowsDisagree { column, expected: 2 });
    check(overwriting(&[0x7f, 0], &[0x7e, 3, 1]), ChangeRefused::RowsDisagree { column, expected: 1 });
    check(overwriting(&[0x7f, 0], &[0, 1]), ChangeRefused::ValueAbsent { column });
    let bomb = Draft::new().with(number::PREDECESSOR_COUNT, [&[0x7f][..], &unsigned(u64::MAX)].concat());
    let limit = 1 + OPERATIONS_FREE + OPERATIONS_PER_BYTE * bomb.sealed().len() as u64;
    check(bomb, ChangeRefused::TooManyPredecessors { given: u64::MAX, limit });
}

#[test]
fn predecessors_of_one_counter_follow_their_actors_names() {
    let by = |actors: [u8; 3]| Draft {
        other_actors: vec![LOWER.to_vec(), UPPER.to_vec()],
        ..Draft::new()
            .with(number::PREDECESSOR_COUNT, [0x7f, 3])
            .with(number::PREDECESSOR_ACTOR, [&[0x7d], &actors[..]].concat())
            .with(number::PREDECESSOR_COUNTER, [0x7f, 3, 2, 0])
    };
    assert_eq!(accepted(by([1, 0, 2])), 1);
    check(by([0, 1, 2]), ChangeRefused::PredecessorsUnordered);
    check(by([1, 2, 0]), ChangeRefused::PredecessorsUnordered);
}

#[test]
fn values_fill_their_column_exactly() {
    let value = |kind: u64, length: u64, bytes: &[u8]| {
        let draft = Draft::new().with(number::VALUE_KIND, [vec![0x7f], unsigned(length << 4 | kind)].concat());
        if bytes.is_empty() { draft } else { draft.with(number::VALUE_BYTES, bytes) }
    };
    let malformed = |kind, length| ChangeRefused::ValueMalformed { kind, length };
    for (kind, bytes) in
        [(3, &[0x80, 1][..]), (4, &[0x7f]), (5, &[0; 8]), (6, "tốt".as_bytes()), (7, &[0xff]), (9, &[0])]
    {
        assert_eq!(accepted(value(kind, bytes.len() as u64, bytes)), 1);
    }
    for (kind, bytes) in
        [(0, &[1][..]), (3, &[0x80, 0]), (4, &[0, 0]), (5, &[0; 7]), (6, &[0xff]), (10, &[1]), (15, &[1])]
    {
        check(value(kind, bytes.len() as u64, bytes), malformed(kind as u8, bytes.len() as u64));
    }
    check(value(8, 0, &[]), malformed(8, 0));
    check(value(6, 3, b"ab"), ChangeRefused::EndsEarly { needed: 3, left: 2 });
    check(value(6, u64::MAX >> 4, b"ab"), ChangeRefused::EndsEarly { needed: u64::MAX >> 4, left: 2 });
    check(value(6, 1, b"ab"), ChangeRefused::ValueBytesLeft { given: 1 });
}

#[test]
fn a_counter_cannot_be_pushed_out_of_its_range() {
    let valued = |action: u8, kind: u64, number: Vec<u8>| {
        let description = [vec![0x7f], unsigned((number.len() as u64) << 4 | kind)].concat();
        Draft::new()
            .with(number::ACTION, [0x7f, action])
            .with(number::VALUE_KIND, description)
            .with(number::VALUE_BYTES, number)
    };
    let too_large = |given| ChangeRefused::CounterStepTooLarge { given, limit: COUNTER_STEP_MAX };
    check(valued(1, 8, signed(i64::MAX)), too_large(i64::MAX));
    check(valued(1, 8, signed(-COUNTER_STEP_MAX - 1)), too_large(-COUNTER_STEP_MAX - 1));
    check(valued(5, 4, signed(i64::MIN)), too_large(i64::MIN));
    check(valued(5, 3, unsigned(u64::MAX)), too_large(i64::MAX));
    assert_eq!(accepted(valued(1, 4, signed(i64::MIN))), 1);
    assert_eq!(accepted(valued(5, 4, signed(COUNTER_STEP_MAX))), 1);
}

#[test]
fn a_key_is_text() {
    let column = number::KEY_TEXT;
    check(Draft::new().with(column, [0x7f, 1, 0xff]), ChangeRefused::TextMalformed { column });
}

#[test]
fn a_key_is_not_copied_into_every_operation_of_a_run() {
    let key = [signed(1_000), prefixed(&[b'k'; 1_000])].concat();
    let limit = TEXT_BYTES_MAX;
    check(Draft::repeated(1_000).with(number::KEY_TEXT, key), ChangeRefused::TextTooLong { given: 1_000_000, limit });
}

#[test]
fn a_mark_begins_and_ends_in_neighbouring_operations() {
    let marks = |names: &[u8], rows: u8| {
        let run = |value: u8| if rows == 1 { [0x7f, value] } else { [rows, value] };
        Draft::new()
            .without(number::KEY_TEXT)
            .with(number::OBJECT_ACTOR, run(0))
            .with(number::OBJECT_COUNTER, run(1))
            .with(number::KEY_ACTOR, run(0))
            .with(number::KEY_COUNTER, run(2))
            .with(number::INSERT, [0, rows])
            .with(number::ACTION, run(7))
            .with(number::VALUE_KIND, run(0))
            .with(number::PREDECESSOR_COUNT, run(0))
            .with(number::MARK_NAME, names)
    };
    let incoherent = ChangeRefused::OperationIncoherent { action: 7 };
    assert_eq!(accepted(marks(&[0x7f, 1, b'm', 0, 1], 2)), 2);
    check(marks(&[0x7f, 1, b'm'], 1), incoherent.clone());
    check(marks(&[2, 1, b'm'], 2), incoherent.clone());
    check(marks(&[0, 1, 0x7f, 1, b'm'], 2), incoherent.clone());
    check(marks(&[0x7f, 1, b'm', 0, 2], 3), incoherent);
}

#[test]
fn an_operation_does_not_contradict_itself() {
    let incoherent = |action| ChangeRefused::OperationIncoherent { action };
    let head = || Draft::new().without(number::KEY_TEXT).with(number::KEY_COUNTER, [0x7f, 0]);
    let object = |draft: Draft| draft.with(number::OBJECT_ACTOR, [0x7f, 0]).with(number::OBJECT_COUNTER, [0x7f, 1]);
    assert_eq!(accepted(object(head()).with(number::INSERT, [0, 1])), 1);
    check(object(head()), incoherent(1));
    check(head().with(number::INSERT, [0, 1]), incoherent(1));
    check(Draft::new().with(number::INSERT, [0, 1]), incoherent(1));
    check(Draft::new().without(number::KEY_TEXT), incoherent(1));
    check(Draft::new().with(number::OBJECT_ACTOR, [0x7f, 0]), incoherent(1));
    check(Draft::new().with(number::MARK_NAME, [0x7f, 1, b'm']), incoherent(1));
    check(Draft::new().with(number::EXPAND, [0, 1]), incoherent(1));
    check(Draft::new().with(number::ACTION, [0x7f, 7]), incoherent(7));
    check(Draft::new().with(number::ACTION, [0x7f, 5]), incoherent(5));
    check(Draft::new().with(number::ACTION, [0x7f, 3]).with(number::VALUE_KIND, [0x7f, 1]), incoherent(3));
    check(Draft::new().with(number::ACTION, [0x7f, 0]).with(number::VALUE_KIND, [0x7f, 1]), incoherent(0));
    check(Draft::new().with(number::ACTION, [0x7f, 8]), ChangeRefused::ActionUnknown { given: 8 });
}

proptest! {
    #[test]
    fn a_number_reads_back(number: u64, other: i64) {
        prop_assert_eq!(Bytes::new(&unsigned(number)).unsigned(), Ok(number));
        prop_assert_eq!(Bytes::new(&signed(other)).signed(), Ok(other));
    }

    #[test]
    fn any_accepted_number_is_in_its_shortest_form(bytes in vec(any::<u8>(), 0..12)) {
        let mut input = Bytes::new(&bytes);
        if let Ok(number) = input.unsigned() {
            prop_assert_eq!(unsigned(number), &bytes[..bytes.len() - input.left()]);
        }
        let mut input = Bytes::new(&bytes);
        if let Ok(number) = input.signed() {
            prop_assert_eq!(signed(number), &bytes[..bytes.len() - input.left()]);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in vec(any::<u8>(), 0..300)) {
        let _ = ChangeHeader::read(&bytes);
        let _ = ChangeHeader::read(&sealed(PLAIN_CHANGE, &bytes));
    }

    #[test]
    fn no_column_makes_the_reader_panic(columns in vec((0_usize..14, vec(0_u8..10, 1..12)), 1..14)) {
        let all = [1, 2, 17, 19, 21, 52, 66, 86, 87, 112, 113, 115, 148, 165];
        let draft = columns.into_iter().fold(Draft::new(), |draft, (place, bytes)| draft.with(all[place], bytes));
        if let Ok(header) = ChangeHeader::read(&draft.sealed()) {
            prop_assert!(header.operations <= OPERATIONS_MAX);
        }
    }
}
