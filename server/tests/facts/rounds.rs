//! Orders about rounds as the program takes them.

use reqwest::{Client, Response};
use server::running::start;
use server::settings::Settings;

use crate::program::{check, langnghe, made_folder};

#[test]
fn an_order_about_a_round_that_cannot_be_carried_out_says_why() {
    let folder = made_folder();
    let junk = folder.path().join("junk");
    std::fs::write(&junk, [7; 900]).unwrap();
    let junk = junk.to_str().unwrap();
    for (arguments, part) in [
        (
            &["round", "announce", "--file", junk, "--operator", "Trần Văn Tú"][..],
            "Danh bạ không có ai tên «Trần Văn Tú»",
        ),
        (
            &["round", "announce", "--file", junk, "--operator", "00112233445566778899aabbccddeeff"],
            "không phải tệp công bố",
        ),
        (&["round", "announce", "--file", "mistyped", "--operator", "Tú"], "không có tệp hoặc thư mục này"),
        (&["round", "seal", "--round", "abcd", "--symbols", "ABCD"], "cần 16 ký tự"),
        (&["round", "open-file", "--round", "abcd", "--to", "hom.lnhp"], "thêm --yes"),
        (&["round", "open-file", "--round", "abcd", "--to", "hom.lnhp", "--yes"], "Không có đợt nào"),
        (&["round", "result", "--file", junk], "không phải kết quả"),
        (&["round", "publish", "--round", "Đợt một"], "thêm --yes"),
        (&["round", "publish", "--round", "Đợt một", "--yes"], "Không có đợt nào"),
    ] {
        check(&langnghe(folder.path(), arguments).output().unwrap(), 1, part);
    }
}

#[test]
fn an_office_without_rounds_says_how_to_begin_one() {
    let folder = made_folder();
    let output = langnghe(folder.path(), &["round", "list"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success()
            && said.contains("langnghe round announce --file <tệp> --operator <người vận hành máy chủ> --data"),
        "{said}"
    );
}

async fn page(http: &Client, address: std::net::SocketAddr, path: &str) -> Response {
    let asked = http.get(format!("http://{address}{path}")).header("accept", "text/html");
    asked.send().await.unwrap()
}

/// Whoever comes from elsewhere reads what is published, and finds no page of the office.
#[tokio::test]
async fn at_the_phones_door_stand_published_results_and_nothing_else_of_rounds() {
    let folder = tempfile::tempdir().unwrap();
    let public_address = Some("https://phuong.example".to_owned());
    let server = start(&Settings { public_address, ..Settings::of_folder(folder.path()) }).await.unwrap();
    assert_ne!(server.address, server.pages);
    let http = crate::plain_client();
    for (path, at_phones, at_office) in [
        ("/results", 200, 200),
        ("/results/", 200, 200),
        ("/results/x", 404, 404),
        ("/assets/look.css", 200, 200),
        ("/assets/result.css", 200, 200),
        ("/assets/poster.css", 200, 200),
        ("/rounds", 404, 200),
        ("/rounds/x", 404, 404),
        ("/report", 404, 200),
        ("/cases", 404, 200),
        ("/cases/x", 404, 404),
        ("/cases/x/reports", 404, 404),
    ] {
        let [phones, office] = [page(&http, server.address, path).await, page(&http, server.pages, path).await];
        assert_eq!((phones.status().as_u16(), office.status().as_u16()), (at_phones, at_office), "{path}");
        assert!(!phones.headers().contains_key("set-cookie"), "{path}");
    }
    let list = page(&http, server.address, "/results").await;
    let headers = format!("{:?}", list.headers());
    for header in ["public, max-age=300", "default-src 'none'; style-src 'self'", "nosniff", "no-referrer"] {
        assert!(headers.contains(header), "{headers}");
    }
    assert!(list.text().await.unwrap().contains("href=\"/results\""));
    server.stop().await.unwrap();
}
