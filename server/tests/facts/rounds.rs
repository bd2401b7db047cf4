//! Orders about rounds as the program takes them.

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
    assert!(output.status.success() && said.contains("langnghe round announce --file <tệp> --data"), "{said}");
}
