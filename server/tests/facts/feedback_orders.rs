//! Orders about feedback as the program takes them.

use std::path::Path;
use std::process::Output;

use crate::feedback_round::{FeedbackOffice, LAND_OFFICE, case, definition, packet};
use crate::program::{check, langnghe, made_folder};

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The folder of an office that announced a round of feedback; nobody holds it.
fn folder_with_round() -> tempfile::TempDir {
    FeedbackOffice::new().closed().0
}

#[test]
fn an_order_about_feedback_that_cannot_be_carried_out_says_why() {
    let folder = made_folder();
    let junk = folder.path().join("junk");
    std::fs::write(&junk, [7; 900]).unwrap();
    let junk = junk.to_str().unwrap();
    for (arguments, code, part) in [
        (&["feedback"][..], 2, "Chưa ghi lệnh"),
        (&["feedback", "take", junk], 1, "không phải gói góp ý"),
        (&["feedback", "take", "mistyped"], 1, "không có tệp hoặc thư mục này"),
        (&["feedback", "box", "--round", "abcd", "--to", "hom.lnhp"], 1, "Không có đợt nào"),
        (&["feedback", "box", "--round", "abcd", "--to", junk], 1, "tệp này đã có"),
        (&["feedback", "show", "abcd"], 1, "Không có góp ý nào"),
        (&["feedback", "answer", "abcd"], 2, "Còn thiếu"),
        (&["feedback", "answer", "abcd", "--text", "Đã thay đèn."], 1, "Không có góp ý nào"),
        (&["feedback", "answer", "abcd", "--file", junk], 1, "Không có góp ý nào"),
        (&["feedback", "publish", junk, "--round", "abcd"], 1, "Không có đợt nào"),
        (&["feedback", "figures"], 2, "Còn thiếu"),
        (&["feedback", "figures", "--round", "abcd"], 1, "Không có đợt nào"),
    ] {
        check(&langnghe(folder.path(), arguments).output().unwrap(), code, part);
    }
    let empty = said(&langnghe(folder.path(), &["feedback", "list"]).output().unwrap());
    assert!(empty.contains("Chưa có góp ý nào") && empty.contains("langnghe feedback take <tệp> --data"), "{empty}");
}

#[test]
fn an_order_of_counting_names_the_order_that_is_meant_where_feedback_is_taken() {
    let folder = folder_with_round();
    let data = folder.path().join("data");
    let round = definition().id.to_string();
    let order = |arguments: &[&str]| langnghe(&data, arguments).output().unwrap();
    let to = folder.path().join("hom.lnhp");
    let opened = order(&["round", "open-file", "--round", &round, "--to", to.to_str().unwrap(), "--yes"]);
    check(&opened, 1, "langnghe feedback box");
    check(&order(&["round", "publish", "--round", &round, "--yes"]), 1, "langnghe feedback publish");
    check(&order(&["round", "object", "--round", &round]), 1, "sau khi kết quả được công bố");
    assert!(!to.exists());
    let list = said(&order(&["round", "list"]));
    assert!(list.contains("nhận góp ý") && !list.contains("lá thăm") && !list.contains("phiếu"), "{list}");
}

/// From the running box to the figures, as somebody types it.
#[test]
fn feedback_is_handled_with_a_few_orders() {
    let folder = folder_with_round();
    let data = folder.path().join("data");
    let order = |arguments: &[&str]| said(&langnghe(&data, arguments).output().unwrap());
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (round, number) = ("gop y nua dau nam", case(1).id.to_string());
    assert!(order(&["feedback", "box", "--round", round, "--to", &file("hom.lnhp")]).contains("hòm vẫn nhận tiếp"));
    std::fs::write(file("goi.lng"), packet(vec![case(1), case(2)], "2026-03-09", [0, 0]).to_bytes()).unwrap();
    assert!(order(&["feedback", "take", &file("goi.lng")]).contains("Đã nhận 2 góp ý mới"));
    assert!(order(&["feedback", "take", &file("goi.lng")]).contains("đã được nhận trước đây"));
    let list = order(&["feedback", "list", "--round", round]);
    assert!(list.contains("hạn 23/03/2026, quá hạn") && list.contains(&case(1).paraphrase), "{list}");
    assert!(!list.contains(&case(1).text), "the text is for whoever asks for it");
    assert!(order(&["feedback", "show", &number[..6]]).contains(&case(1).text));
    let routed = order(&["feedback", "route", &number, "--unit", LAND_OFFICE]);
    assert!(routed.contains(&case(1).paraphrase) && !routed.contains(&case(1).text), "{routed}");
    std::fs::write(file("tra-loi.txt"), "\u{feff}Đã thay đèn.\r\nCảm ơn ông bà.\r\n").unwrap();
    assert!(order(&["feedback", "answer", &number[..6], "--file", &file("tra-loi.txt")]).contains("Đã ghi"));
    let shown = order(&["feedback", "show", &number]);
    assert!(shown.contains("    Đã thay đèn.\n    Cảm ơn ông bà.") && shown.contains("đã trả lời"), "{shown}");
    assert!(order(&["feedback", "answers", "--round", round, "--to", &file("phieu.lna")]).contains("có 1 câu"));
    assert!(Path::new(&file("phieu.lna")).exists());
    assert!(order(&["feedback", "list"]).contains("đã giao bộ phận tiếp nhận"));
    assert!(order(&["feedback", "figures", "--round", round]).contains("Chưa đủ 5 góp ý"));
    assert!(order(&["feedback", "list", "--language", "en"]).contains("answered, handed to the intake"));
}
