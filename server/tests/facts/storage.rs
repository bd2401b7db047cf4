//! What was answered is stored: group commit, full disk, defects, graceful stop, a database that went back.

use model::door::DoorRefused;
use model::entry::Entry;
use model::exchange::{Answered, Cursor};
use server::failure::ServerFailed;
use server::folder::{Folder, Found, IDENTITY_FILE};
use server::limits::QUEUE_JOBS_MAX;
use server::log;
use server::office::DATABASE_FILE;

use crate::bare_phone::{BarePhone, beginning, own_space, refusal, request_of, serve, stored};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_phones_share_few_commits_and_each_answer_is_after_its_commit() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let space = own_space(&server).await;
    let mut phones = Vec::new();
    for seed in 0..40 {
        phones.push(BarePhone::member(&server, 100 + seed).await);
    }
    let from = beginning(&server);
    let pushes = phones.into_iter().map(|mut phone| {
        let database = folder.path().join(DATABASE_FILE);
        async move {
            for _ in 0..5 {
                let entry = phone.change(space);
                assert_eq!(stored(&phone.push(space, from, std::slice::from_ref(&entry)).await.unwrap()), 1);
                assert!(is_committed(&database, &entry), "another process sees what was answered");
            }
        }
    });
    futures_util::future::join_all(pushes.map(tokio::spawn)).await.into_iter().for_each(|done| done.unwrap());
    let counted = server.door().writer.tally().counted();
    assert_eq!(counted.requests, 200);
    assert!(counted.commits < 200 && counted.largest_group > 1, "{counted:?}");
    server.stop().await.unwrap();
}

fn is_committed(database: &std::path::Path, entry: &Entry) -> bool {
    let connection = rusqlite::Connection::open(database).unwrap();
    let sql = "select count(*) from entry where hash = ?1";
    connection.query_row(sql, [entry.hash.as_bytes()], |row| row.get::<_, i64>(0)).unwrap() == 1
}

#[tokio::test]
async fn a_full_disk_is_said_and_the_same_push_is_stored_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let space = own_space(&server).await;
    let mut phone = BarePhone::member(&server, 5).await;
    let entries: Vec<Entry> = (0..200).map(|_| phone.change(space)).collect();
    let limit = |pages: u32| {
        server.door().writer.act(move |office| {
            let sql = format!("pragma max_page_count = {pages}");
            Ok(office.reader().query_row(&sql, [], |row| row.get::<_, i64>(0))?)
        })
    };
    limit(1).await.unwrap();
    let response = phone.exchange(&request_of(space, beginning(&server), &entries)).await;
    assert_eq!(response.status().as_u16(), 507);
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(refusal(response).await, DoorRefused::CannotStore);
    assert_eq!(phone.get("/ready").await.status().as_u16(), 507);
    limit(1_000_000).await.unwrap();
    assert_eq!(stored(&phone.push(space, beginning(&server), &entries).await.unwrap()), 200);
    assert_eq!(phone.get("/ready").await.status().as_u16(), 200);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_full_queue_says_when_to_come_again_and_answers_all_that_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let mut phone = BarePhone::member(&server, 5).await;
    let request = request_of(own_space(&server).await, beginning(&server), &[phone.change(own_space(&server).await)]);
    let writer = server.door().writer.clone();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let (enter, entered) = tokio::sync::oneshot::channel::<()>();
    let blocking = writer.clone();
    let blocker = tokio::spawn(async move {
        let work = move |_: &mut server::office::Office| {
            enter.send(()).unwrap();
            held.recv().map_err(|_| ServerFailed::Interrupted)
        };
        blocking.act(work).await
    });
    entered.await.unwrap();
    let waiting: Vec<_> = (0..QUEUE_JOBS_MAX)
        .map(|_| {
            let writer = writer.clone();
            tokio::spawn(async move { writer.act(|office| office.rows()).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let response = phone.exchange(&request).await;
    assert_eq!(response.status().as_u16(), 503);
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(refusal(response).await, DoorRefused::Busy);
    release.send(()).unwrap();
    assert_eq!(blocker.await.unwrap(), Ok(()));
    for answered in waiting {
        assert!(answered.await.unwrap().is_ok());
    }
    assert_eq!(phone.exchange(&request).await.status().as_u16(), 200);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_defect_in_one_job_leaves_the_writer_at_work() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let broken = server.door().writer.act(|_| -> Result<(), ServerFailed> { panic!("a planted defect") }).await;
    assert_eq!(broken, Err(server::writer::WriterRefused::Failed(ServerFailed::Defect)));
    let mut phone = BarePhone::member(&server, 5).await;
    let (space, entry) = (own_space(&server).await, phone.change(own_space(&server).await));
    assert_eq!(stored(&phone.push(space, beginning(&server), &[entry]).await.unwrap()), 1);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_graceful_stop_answers_what_it_took_and_keeps_what_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let (space, from) = (own_space(&server).await, beginning(&server));
    let mut phones = Vec::new();
    for seed in 0..8 {
        phones.push(BarePhone::member(&server, 100 + seed).await);
    }
    let pushes: Vec<_> = phones
        .into_iter()
        .map(|mut phone| {
            tokio::spawn(async move {
                let mut answered = Vec::new();
                loop {
                    let entry = phone.change(space);
                    let sent = phone.post("/v1/exchange");
                    let body = model::exchange::pack(&request_of(space, from, std::slice::from_ref(&entry)));
                    match sent.body(body).send().await {
                        Ok(response) if response.status().is_success() => answered.push(entry),
                        Ok(_) | Err(_) => return answered,
                    }
                }
            })
        })
        .collect();
    let mut bell = server.door().moves.bell();
    for _ in 0..20 {
        bell.changed().await.unwrap();
    }
    server.stop().await.unwrap();
    let database = folder.path().join(DATABASE_FILE);
    let mut answered = 0;
    for push in pushes {
        for entry in push.await.unwrap() {
            assert!(is_committed(&database, &entry));
            answered += 1;
        }
    }
    assert!(answered >= 20, "{answered}");
    let server = serve(folder.path()).await;
    assert_eq!(server.found, Found::Whole);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_database_that_went_back_begins_a_new_life_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let mut phone = BarePhone::member(&server, 5).await;
    let space = own_space(&server).await;
    server.stop().await.unwrap();
    let older = std::fs::read(folder.path().join(DATABASE_FILE)).unwrap();

    let server = serve(folder.path()).await;
    assert_eq!(server.found, Found::Whole);
    let before = server.door().epoch;
    phone.comes_back(&server).await;
    let entry = phone.change(space);
    let reply = phone.push(space, beginning(&server), &[entry]).await.unwrap();
    assert_eq!(stored(&reply), 1);
    server.stop().await.unwrap();

    std::fs::write(folder.path().join(DATABASE_FILE), older).unwrap();
    let server = serve(folder.path()).await;
    assert_eq!(server.found, Found::WentBack);
    assert!(server.door().epoch > before);
    phone.comes_back(&server).await;
    let reply = phone.push(space, Cursor { epoch: before, ..Cursor::START }, &[]).await.unwrap();
    let Answered::OtherEpoch(notice) = &reply.spaces[0].answer else { panic!() };
    assert_eq!(notice.lineage[0].epoch, before);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_database_that_was_lost_whole_begins_one_new_life_and_not_another_at_each_start() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let phone = BarePhone::member(&server, 5).await;
    let identity = server.identity;
    server.stop().await.unwrap();
    std::fs::remove_file(folder.path().join(DATABASE_FILE)).unwrap();
    let server = serve(folder.path()).await;
    assert_eq!((server.found, server.identity), (Found::WentBack, identity));
    let device = phone.device();
    let spaces = server.door().writer.act(move |office| office.spaces_of(device)).await.unwrap();
    assert_eq!(spaces.len(), 2, "the membership file brings members and their spaces back");
    server.stop().await.unwrap();
    std::fs::remove_file(folder.path().join(server::office::MEMBERSHIP_FILE)).unwrap();
    std::fs::remove_file(folder.path().join(DATABASE_FILE)).unwrap();
    for found in [Found::WentBack, Found::Whole] {
        let server = serve(folder.path()).await;
        assert_eq!(server.found, found);
        server.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_torn_membership_file_is_completed_from_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let _phone = BarePhone::member(&server, 5).await;
    let file = folder.path().join(server::office::MEMBERSHIP_FILE);
    server.stop().await.unwrap();
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 7]).unwrap();
    let server = serve(folder.path()).await;
    assert_eq!(server.found, Found::Whole);
    assert_eq!(server::sidecar::Sidecar::read(&file).unwrap().len(), 2);
    assert_eq!(std::fs::read(&file).unwrap().len(), whole.len());
    let heads = server.door().writer.act(|office| log::spaces(office.reader())).await.unwrap();
    assert_eq!(heads.len(), 2);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_first_start_that_broke_off_is_still_a_first_start_and_a_key_that_was_brought_is_none() {
    let folder = tempfile::tempdir().unwrap();
    drop(Folder::hold(folder.path(), &folder.path().join(server::office::MEMBERSHIP_FILE)).unwrap());
    let key = std::fs::read(folder.path().join(IDENTITY_FILE)).unwrap();
    for found in [Found::New, Found::Whole] {
        let server = serve(folder.path()).await;
        assert_eq!(server.found, found);
        server.stop().await.unwrap();
    }
    let another = tempfile::tempdir().unwrap();
    drop(Folder::hold(another.path(), &another.path().join(server::office::MEMBERSHIP_FILE)).unwrap());
    std::fs::write(another.path().join(IDENTITY_FILE), key).unwrap();
    let server = serve(another.path()).await;
    assert_eq!(server.found, Found::WentBack, "the folder's own key was unused, this one was not");
    server.stop().await.unwrap();
}
