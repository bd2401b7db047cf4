//! Answers of the report pages: the frame, the headers, and the sentences for everything that is not a report.

use std::time::Duration;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::cycle::CycleRefused;

use crate::report::page::{Frame, Situation};

/// Nothing but our own stylesheet and drawings; no script, no style attribute, no other site.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                                       form-action 'none'; frame-ancestors 'none'";

/// The content type of a sheet.
pub(crate) const SHEET: &str = "text/csv; charset=utf-8; header=present";

/// What the one page with a script may do beside: run ours and fetch from here.
const SCRIPT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; \
                                      img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                                      require-trusted-types-for 'script'; trusted-types 'none'";

/// The content type of files that programs read.
pub(crate) const FILES: &str = "application/json";

/// The content type of a page.
pub(crate) const PAGE: &str = "text/html; charset=utf-8";

/// A page with a heading and one or two sentences.
#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    frame: Option<Frame>,
    home: &'static str,
    heading: &'a str,
    sentence: &'a str,
    /// An order that helps, as it is typed.
    order: Option<&'a str>,
    /// None: it is the first page, or whoever reads it may not see that either.
    way_out: Option<WayOut>,
}

/// Where a page leads.
#[derive(Clone, Copy)]
pub(crate) struct WayOut {
    href: &'static str,
    label: &'static str,
}

const FIRST_PAGE: Option<WayOut> = Some(WayOut { href: "/", label: "Về trang đầu" });

const CASES: Option<WayOut> = Some(WayOut { href: "/cases", label: "Xem các hồ sơ đánh giá" });

const ROUNDS: Option<WayOut> = Some(WayOut { href: "/rounds", label: "Xem các đợt lấy ý kiến" });

const RESULTS: Option<WayOut> = Some(WayOut { href: "/results", label: "Xem các kết quả đã công bố" });

/// Nothing was published yet.
pub(crate) fn no_cycle(situation: Situation, place: Option<String>) -> Response {
    let frame = situation.frame("Đợt đánh giá", place);
    let heading = "Chưa có đợt đánh giá nào";
    let sentence = "Khi văn phòng công bố một đợt đánh giá, tiến độ và điểm của các phiếu sẽ nằm ở đây.";
    message(StatusCode::OK, Some(frame), (heading, sentence), None)
}

/// No such cycle.
pub(crate) fn unknown() -> Response {
    let sentence = "Đợt đánh giá này không có trên máy chủ. Trang đầu có đợt mới nhất.";
    message(StatusCode::NOT_FOUND, None, ("Không tìm thấy đợt đánh giá", sentence), FIRST_PAGE)
}

/// No round was announced yet; `order` begins one.
pub(crate) fn no_round(situation: Situation, place: Option<String>, order: &str) -> Response {
    let frame = situation.frame("Đợt lấy ý kiến", place);
    let heading = "Chưa có đợt lấy ý kiến nào";
    let sentence = "Ba người giữ khóa làm lễ tạo khóa bằng langnghe-open trên một máy đã tắt mạng. Tệp công bố mà lễ ấy \
                    làm ra được đưa vào máy chủ bằng lệnh:";
    let page = MessagePage { frame: Some(frame), home: "/", heading, sentence, order: Some(order), way_out: None };
    self::page(StatusCode::OK, &page)
}

/// No such round.
pub(crate) fn unknown_round() -> Response {
    let sentence = "Đợt lấy ý kiến này không có trên máy chủ.";
    message(StatusCode::NOT_FOUND, None, ("Không tìm thấy đợt lấy ý kiến", sentence), ROUNDS)
}

/// A round whose result the office asks for too early.
pub(crate) fn no_result_yet() -> Response {
    let sentence = "Đợt này chưa công bố kết quả, nên chưa có tệp nào để tải.";
    message(StatusCode::NOT_FOUND, None, ("Chưa có kết quả", sentence), ROUNDS)
}

/// Nothing of this name was published; whether there is such a round is not said.
pub(crate) fn not_published() -> Response {
    let sentence = "Không có kết quả nào đã công bố ở địa chỉ này. Kết quả chỉ có ở đây sau khi được công bố.";
    let heading = "Không tìm thấy kết quả";
    let page = MessagePage { frame: None, home: "/results", heading, sentence, order: None, way_out: RESULTS };
    self::page(StatusCode::NOT_FOUND, &page)
}

/// Nobody of this name has a case.
pub(crate) fn unknown_case() -> Response {
    let sentence = "Không có hồ sơ của người này trong đợt. Danh sách hồ sơ có mọi người trong danh bạ.";
    message(StatusCode::NOT_FOUND, None, ("Không tìm thấy hồ sơ", sentence), CASES)
}

/// No such paper in a case.
pub(crate) fn unknown_paper() -> Response {
    let sentence = "Giấy tờ này không có trong hồ sơ: có thể chưa ai ký, hoặc địa chỉ ghi sai.";
    message(StatusCode::NOT_FOUND, None, ("Không tìm thấy giấy tờ", sentence), CASES)
}

/// A paper that is there and cannot be laid out.
pub(crate) fn unreadable_paper() -> Response {
    let sentence = "Máy chủ chưa đọc được giấy tờ này, vì mẫu của nó chưa được công bố hoặc dữ liệu bị hỏng. Không mất gì \
                    cả: bản đã ký vẫn nằm trên máy chủ. Nhờ cán bộ kỹ thuật xem.";
    message(StatusCode::CONFLICT, None, ("Chưa in được giấy tờ", sentence), CASES)
}

/// No page at this address.
pub(crate) fn no_page() -> Response {
    let sentence = "Không có trang nào ở địa chỉ này. Trang đầu có đợt đánh giá mới nhất.";
    message(StatusCode::NOT_FOUND, None, ("Không tìm thấy trang", sentence), FIRST_PAGE)
}

/// The cycle pins rules or a form that give no result.
pub(crate) fn cycle_refused(refused: &CycleRefused) -> Response {
    let sentence = match refused {
        CycleRefused::UnknownRuleSet { .. } => {
            "Đợt này dùng một bộ quy tắc chưa được công bố, nên chưa tính được điểm. Không mất gì cả: các phiếu vẫn ở \
             trên máy chủ. Nhờ văn phòng công bố bộ quy tắc rồi mở lại trang."
        }
        CycleRefused::UnknownForm { .. } => {
            "Đợt này dùng một mẫu phiếu chưa được công bố, nên chưa đọc được phiếu. Không mất gì cả: các phiếu vẫn ở \
             trên máy chủ. Nhờ văn phòng công bố mẫu phiếu rồi mở lại trang."
        }
        CycleRefused::FormUnfit { .. } => {
            "Mẫu phiếu của đợt này không hỏi đủ những gì bộ quy tắc cần để tính, nên chưa xếp loại được. Không mất gì \
             cả: các phiếu vẫn ở trên máy chủ. Nhờ văn phòng mở đợt khác với mẫu phiếu đúng của bộ quy tắc."
        }
        CycleRefused::Title { .. } | CycleRefused::Period { .. } | CycleRefused::ClosesBeforeItOpens => {
            "Tên, kỳ đánh giá hoặc ngày của đợt này ghi sai. Không mất gì cả: các phiếu vẫn ở trên máy chủ. Nhờ văn \
             phòng công bố lại đợt rồi mở lại trang."
        }
    };
    message(StatusCode::CONFLICT, None, ("Chưa tính được điểm", sentence), FIRST_PAGE)
}

/// The database cannot be read now.
pub(crate) fn unreadable() -> Response {
    let sentence = "Máy chủ chưa đọc được dữ liệu. Không mất gì cả: các phiếu vẫn nằm trong máy. Đợi một phút rồi mở \
                    lại; nếu vẫn thế, gọi cán bộ kỹ thuật của máy chủ.";
    message(StatusCode::SERVICE_UNAVAILABLE, None, ("Chưa xem được báo cáo", sentence), FIRST_PAGE)
}

/// Somebody who is not at the server; what is published is for them, too.
pub(crate) fn refused() -> Response {
    let sentence = "Trang của văn phòng chỉ mở được ngay trên máy chủ. Mở trình duyệt trên máy chủ và vào địa chỉ bắt \
                    đầu bằng localhost. Kết quả lấy ý kiến đã công bố thì ai cũng xem được.";
    message(StatusCode::FORBIDDEN, None, ("Chưa được xem từ máy khác", sentence), RESULTS)
}

/// A page of ours.
pub(crate) fn page(status: StatusCode, page: &impl Template) -> Response {
    let html = page.render().expect("a template of ours renders into memory");
    with_headers(status, PAGE, html.into())
}

/// A file to keep.
pub(crate) fn download(file_name: &str, csv: Vec<u8>) -> Response {
    named(with_headers(StatusCode::OK, SHEET, csv.into()), file_name)
}

/// Tells a browser to keep an answer under this name.
pub(crate) fn named(mut response: Response, file_name: &str) -> Response {
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

fn message(
    status: StatusCode,
    frame: Option<Frame>,
    (heading, sentence): (&str, &str),
    way_out: Option<WayOut>,
) -> Response {
    page(status, &MessagePage { frame, home: "/", heading, sentence, order: None, way_out })
}

/// What was published and is the same for everybody: readers and whatever stands between may keep it so long.
pub(crate) fn published(kind: &'static str, body: Bytes, keep: Duration) -> Response {
    let mut response = with_headers(StatusCode::OK, kind, body.into());
    let cached = HeaderValue::from_str(&format!("public, max-age={}", keep.as_secs()));
    response.headers_mut().insert(header::CACHE_CONTROL, cached.expect("digits are ASCII"));
    response
}

/// The page that runs a script of ours.
pub(crate) fn with_script(mut response: Response) -> Response {
    let policy = HeaderValue::from_static(SCRIPT_SECURITY_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
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
