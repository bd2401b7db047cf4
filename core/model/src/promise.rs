//! What people are told before they answer: what is protected, and what nobody can promise them.
//!
//! The same words in the app, on the public page and on paper. Source: anonymity, "What we cannot promise"; A13.

/// What is done, in the order of a reader's questions.
pub const PROTECTED: [&str; 6] = [
    "Lá thăm do ông/bà tự bốc, được làm ra trên một máy không nối mạng rồi xoá; không ai biết lá nào về tay ai.",
    "Câu trả lời được niêm ngay trên điện thoại, trước khi ông/bà trả máy. Người mang máy, văn phòng và máy chủ không mở được.",
    "Hòm phiếu chỉ mở được khi có hai trong ba người giữ khóa, trên một máy không nối mạng. Không ai trong ba người là người được lấy ý kiến.",
    "Phong bì không mang tên, máy, khu vực, ngày giờ hay thứ tự. Mở ra là cộng vào số đếm rồi quên ngay; không bảng nào ghi từng phiếu.",
    "Kết quả chỉ công bố khi đủ đông; nơi ít người được gộp hoặc giữ kín để không ai đoán ra ai đã nói gì.",
    "Phiếu, bản sao và khóa bị tiêu huỷ sau khi công bố 30 ngày, lâu nhất là 12 tháng nếu có người khiếu nại.",
];

/// What holds for feedback besides. Source: anonymity A47-A50.
pub const FEEDBACK: [&str; 5] = [
    "Góp ý về một người, về cơ quan Mặt trận hoặc lãnh đạo chỉ mở được khi có hai trong ba người giữ khóa; góp ý khác do người tiếp nhận mở, trên máy không nối mạng.",
    "Góp ý được đọc thành từng đợt, xáo trộn, không ngày giờ. Người đọc bỏ tên, số nhà trước khi văn phòng nhận; đơn vị được nói tới chỉ nhận lời tóm tắt.",
    "Muốn được trả lời, ông/bà nhận một mã chỉ hiện một lần; điện thoại và văn phòng không giữ mã ấy.",
    "Mã không bao giờ được gửi đi: cả tệp trả lời được tải về, rồi mở bằng mã ngay trên máy của ông/bà.",
    "Người đọc góp ý thấy nguyên văn. Nếu người ấy và người vận hành máy chủ cùng thất hứa, họ có thể đoán ra điện thoại nào đã mang một góp ý.",
];

/// What cannot be promised, in the order of the rules.
pub const NOT_PROMISED: [&str; 10] = [
    "Người đưa máy cho ông/bà biết rằng ông/bà đã trả lời, và có thể nhìn qua vai ông/bà.",
    "Hai trong ba người giữ khóa, nếu cùng thất hứa và có hòm phiếu, thì đọc được các phong bì.",
    "Người theo dõi đường mạng hoặc vận hành máy chủ có thể biết điện thoại nào đã mang một phong bì, nhưng không biết trong đó viết gì.",
    "Lời viết có thể tự lộ ra ông/bà: giọng văn, việc chỉ mình ông/bà biết, một con ngõ nhỏ.",
    "Một điện thoại đã bị sửa hoặc nhiễm mã độc nhìn thấy điều ông/bà gõ và có thể bỏ phiếu của ông/bà đi; cuống giấy cho thấy có phiếu bị thiếu, không cho thấy phiếu nào.",
    "Ai lấy được lá thăm của ông/bà trước khi đợt đóng thì có thể làm hỏng phiếu của ông/bà, nhưng không thể lén bỏ một phiếu khác bên cạnh; lá thăm chưa phát thì được đếm lại.",
    "Không gì ngăn được một người đứng cạnh ông/bà hoặc quay phim màn hình.",
    "Khi hầu như ai cũng nói giống nhau thì chính kết quả đã nói lên điều đó.",
    "Máy chủ có thể xoá hoặc làm chậm; việc ấy sẽ bị phát hiện, chứ không ngăn được từ đầu.",
    "Hai người giữ khóa có thể công bố số đếm sai; một cặp khác kiểm lại sẽ cho thấy.",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::check_prose;

    #[test]
    fn every_promise_and_every_limit_can_be_read_and_is_said_once() {
        let all: Vec<&str> = PROTECTED.into_iter().chain(FEEDBACK).chain(NOT_PROMISED).collect();
        for (index, sentence) in all.iter().enumerate() {
            assert!(check_prose(sentence, 200).is_ok() && sentence.ends_with('.'), "{sentence}");
            assert!(!all[..index].contains(sentence), "{sentence}");
        }
    }
}
