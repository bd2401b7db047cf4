//! Answers of the report pages: the frame, the headers, and the sentences for everything that is not a report.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::report::page::{Frame, Situation};

/// Nothing but our own stylesheet and drawings; no script, no style attribute, no other site.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                                       form-action 'none'; frame-ancestors 'none'";

/// A page with a heading and one or two sentences.
#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    frame: Option<Frame>,
    heading: &'a str,
    sentence: &'a str,
    way_out: WayOut,
}

/// Whether a page leads to the first one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WayOut {
    /// It is the first one, or whoever reads it may not see that either.
    None,
    /// By a link.
    FirstPage,
}

/// Nothing was published yet.
pub(crate) fn no_cycle(situation: Situation, place: Option<String>) -> Response {
    let frame = situation.frame("Đợt đánh giá", place);
    let heading = "Chưa có đợt đánh giá nào";
    let sentence = "Khi văn phòng công bố một đợt đánh giá, tiến độ và điểm của các phiếu sẽ nằm ở đây.";
    message(StatusCode::OK, Some(frame), (heading, sentence), WayOut::None)
}

/// No such cycle.
pub(crate) fn unknown() -> Response {
    let sentence = "Đợt đánh giá này không có trên máy chủ. Trang đầu có đợt mới nhất.";
    message(StatusCode::NOT_FOUND, None, ("Không tìm thấy đợt đánh giá", sentence), WayOut::FirstPage)
}

/// No page at this address.
pub(crate) fn no_page() -> Response {
    let sentence = "Không có trang nào ở địa chỉ này. Trang đầu có đợt đánh giá mới nhất.";
    message(StatusCode::NOT_FOUND, None, ("Không tìm thấy trang", sentence), WayOut::FirstPage)
}

/// The cycle pins rules that the office did not publish.
pub(crate) fn without_rules() -> Response {
    let sentence = "Đợt này dùng một bộ quy tắc chưa được công bố, nên chưa tính được điểm. Không mất gì cả: các phiếu \
                    vẫn ở trên máy chủ. Nhờ văn phòng công bố bộ quy tắc rồi mở lại trang.";
    message(StatusCode::CONFLICT, None, ("Chưa tính được điểm", sentence), WayOut::FirstPage)
}

/// The database cannot be read now.
pub(crate) fn unreadable() -> Response {
    let sentence = "Máy chủ chưa đọc được dữ liệu. Không mất gì cả: các phiếu vẫn nằm trong máy. Đợi một phút rồi mở \
                    lại; nếu vẫn thế, gọi cán bộ kỹ thuật của máy chủ.";
    message(StatusCode::SERVICE_UNAVAILABLE, None, ("Chưa xem được báo cáo", sentence), WayOut::FirstPage)
}

/// Somebody who is not at the server.
pub(crate) fn refused() -> Response {
    let sentence = "Báo cáo chỉ mở được ngay trên máy chủ. Mở trình duyệt trên máy chủ và vào địa chỉ bắt đầu bằng \
                    localhost.";
    message(StatusCode::FORBIDDEN, None, ("Chưa được xem từ máy khác", sentence), WayOut::None)
}

/// A page of ours.
pub(crate) fn page(status: StatusCode, page: &impl Template) -> Response {
    let html = page.render().expect("a template of ours renders into memory");
    with_headers(status, "text/html; charset=utf-8", html.into())
}

/// A file to keep.
pub(crate) fn download(file_name: &str, csv: Vec<u8>) -> Response {
    let mut response = with_headers(StatusCode::OK, "text/csv; charset=utf-8; header=present", csv.into());
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{file_name}\""));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition.expect("the name is plain ASCII"));
    response
}

/// A file that is the same for everybody.
pub(crate) fn asset(kind: &'static str, content: &'static str) -> Response {
    let mut response = with_headers(StatusCode::OK, kind, content.into());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn message(status: StatusCode, frame: Option<Frame>, (heading, sentence): (&str, &str), way_out: WayOut) -> Response {
    page(status, &MessagePage { frame, heading, sentence, way_out })
}

fn with_headers(status: StatusCode, kind: &'static str, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}
