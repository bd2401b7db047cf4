//! What a cadre writes: evidence, work and words of the office of a commune. No place, person or file of it is real.

/// A kind of work: its name, what one product weighs in hundredths, and what shows the result.
pub(super) struct Work {
    pub(super) name: &'static str,
    pub(super) coefficient_hundredths: u32,
    pub(super) evidence: &'static str,
}

const fn work(name: &'static str, coefficient_hundredths: u32, evidence: &'static str) -> Work {
    Work { name, coefficient_hundredths, evidence }
}

/// Work of a commune's office; every cadre has a part of it.
pub(super) const WORKS: [Work; 20] = [
    work("Tiếp nhận và trả kết quả hồ sơ tại bộ phận một cửa", 100, "Sổ theo dõi hồ sơ năm 2026"),
    work("Chứng thực bản sao từ bản chính, chứng thực chữ ký", 50, "Sổ chứng thực quyển 01 đến quyển 06"),
    work("Đăng ký khai sinh, kết hôn, khai tử", 100, "Sổ hộ tịch và phần mềm hộ tịch điện tử"),
    work("Soạn báo cáo tháng về kinh tế, xã hội của xã", 200, "Các báo cáo gửi Ủy ban nhân dân tỉnh"),
    work("Tham mưu văn bản chỉ đạo, điều hành", 150, "Danh mục văn bản đi trên hệ thống"),
    work("Xác minh hiện trạng sử dụng đất của hộ gia đình", 200, "Biên bản xác minh có chữ ký của hộ và trưởng thôn"),
    work("Rà soát hộ nghèo, hộ cận nghèo", 150, "Phiếu rà soát và danh sách niêm yết tại nhà văn hóa thôn"),
    work("Chi trả trợ cấp bảo trợ xã hội", 50, "Danh sách chi trả có chữ ký người nhận"),
    work("Kiểm tra an toàn thực phẩm tại chợ và bếp ăn tập thể", 150, "Biên bản kiểm tra từng đợt"),
    work("Tuyên truyền trên hệ thống truyền thanh cơ sở", 50, "Lịch phát thanh và bản tin đã phát"),
    work("Giải quyết đơn kiến nghị, phản ánh của công dân", 200, "Sổ tiếp công dân và văn bản trả lời"),
    work("Hướng dẫn bà con nộp hồ sơ trực tuyến", 50, "Nhật ký trực của tổ công nghệ số cộng đồng"),
    work("Theo dõi thu, chi ngân sách xã", 150, "Bảng đối chiếu với Kho bạc từng tháng"),
    work("Kiểm tra đường giao thông nông thôn sau mưa lũ", 150, "Biên bản kiểm tra và ảnh hiện trường"),
    work("Cập nhật dữ liệu dân cư, hộ tịch", 50, "Nhật ký cập nhật trên phần mềm"),
    work("Phục vụ kỳ họp của Hội đồng nhân dân xã", 300, "Tài liệu và biên bản kỳ họp"),
    work("Kiểm kê, chỉnh lý hồ sơ lưu trữ", 100, "Mục lục hồ sơ đã nộp lưu"),
    work("Tổ chức hội thi, ngày hội văn hóa của thôn", 250, "Kế hoạch, chương trình và báo cáo kết quả"),
    work("Vận động hộ dân phân loại rác tại nguồn", 100, "Danh sách hộ đăng ký, ảnh điểm tập kết"),
    work("Phòng, chống dịch bệnh trên đàn vật nuôi", 150, "Phiếu tiêm phòng và biên bản khử trùng"),
];

/// Evidence for each general criterion, in the order of the form: two ways of saying it each.
pub(super) const EVIDENCE: [(&str, [&str; 2]); 10] = [
    (
        "g1_1",
        [
            "Chấp hành đúng chủ trương, quy định; giữ thái độ đúng mực với bà con, không có ý kiến phản ánh trong kỳ.",
            "Thực hiện tốt quy tắc ứng xử nơi công sở; kê khai đầy đủ theo quy định, đúng hạn.",
        ],
    ),
    (
        "g1_2",
        [
            "Đi làm đúng giờ, không nghỉ không phép; báo cáo ngay khi có việc phát sinh ngoài kế hoạch.",
            "Chấp hành sự phân công; cả kỳ không bị nhắc nhở về giờ giấc và kỷ luật làm việc.",
        ],
    ),
    (
        "g2_1",
        [
            "Nắm vững quy trình nghiệp vụ; đã hoàn thành lớp bồi dưỡng nghiệp vụ tháng 5 năm 2026.",
            "Tự xử lý được phần lớn hồ sơ, chỉ xin ý kiến với trường hợp chưa có hướng dẫn.",
        ],
    ),
    (
        "g2_2",
        [
            "Nhận thêm việc trực bộ phận một cửa khi thiếu người, không để hồ sơ tồn qua ngày.",
            "Hoàn thành các nhiệm vụ đột xuất trong mùa mưa lũ, có mặt tại thôn khi được yêu cầu.",
        ],
    ),
    (
        "g2_3",
        [
            "Theo việc đến khi có kết quả; chủ động báo cho người dân khi hồ sơ cần thêm thời gian.",
            "Kiểm tra lại số liệu trước khi gửi, nhận và sửa ngay khi có sai sót.",
        ],
    ),
    (
        "g2_4",
        [
            "Hướng dẫn một lần, đầy đủ bằng phiếu; nhiều hộ dân cảm ơn tại buổi tiếp xúc cử tri.",
            "Phối hợp tốt với các phòng và trưởng thôn; đến tận nhà hỗ trợ người già làm thủ tục.",
        ],
    ),
    (
        "g3_1",
        [
            "Đề xuất mẫu phiếu hướng dẫn có hình vẽ, giảm số lần bà con phải đi lại.",
            "Lập bảng theo dõi hạn trả hồ sơ dùng chung cho cả phòng, số hồ sơ trễ giảm rõ.",
        ],
    ),
    (
        "g3_2",
        [
            "Tham gia tổ công tác khắc phục hậu quả mưa lũ tháng 9, trực cả ngày nghỉ.",
            "Nhận nhiệm vụ rà soát dữ liệu đất đai tại các thôn xa, hoàn thành trước hạn.",
        ],
    ),
    (
        "g3_3",
        [
            "Khi nhập sai số liệu tháng 3 đã tự báo cáo, xin lỗi và làm lại trong ngày.",
            "Nhận trách nhiệm về một hồ sơ trả chậm, đã đến nhà giải thích và lập lịch nhắc hạn.",
        ],
    ),
    (
        "g3_4",
        [
            "Chủ động quyết định phân luồng hồ sơ giờ cao điểm, sau đó báo cáo lãnh đạo.",
            "Nhận làm thử việc trả kết quả tại nhà cho người khuyết tật, nay đã thành nếp.",
        ],
    ),
];

/// What went well.
pub(super) const STRENGTHS: [&str; 5] = [
    "Nắm chắc nghiệp vụ, giải quyết công việc đúng quy trình. Gần gũi, tôn trọng bà con. Phối hợp tốt với đồng nghiệp.",
    "Chủ động trong công việc, không để hồ sơ tồn đọng. Số liệu báo cáo đầy đủ, đúng hạn.",
    "Có tinh thần trách nhiệm, sẵn sàng nhận việc khó. Thường xuyên xuống thôn nắm tình hình.",
    "Chịu khó học hỏi, dùng thành thạo các phần mềm dùng chung. Giữ đoàn kết trong đơn vị.",
    "Thái độ phục vụ nhẹ nhàng, giải thích dễ hiểu. Nhiều năm liền không có đơn thư phản ánh.",
];

/// What did not, and what will be done.
pub(super) const WEAKNESSES: [&str; 5] = [
    "Có lúc xử lý văn bản còn chậm vào cuối quý. Năm tới sẽ lập lịch việc theo tuần và nhờ nhắc hạn.",
    "Kỹ năng nói trước đông người còn hạn chế. Sẽ đăng ký lớp bồi dưỡng và tập trình bày tại họp phòng.",
    "Chưa thường xuyên xuống các thôn xa. Sẽ bố trí mỗi tháng ít nhất hai ngày đi cơ sở.",
    "Việc lưu hồ sơ còn dồn vào cuối năm. Sẽ sắp xếp và nộp lưu ngay sau mỗi quý.",
    "Một số báo cáo còn nặng về số liệu, ít nhận xét. Sẽ nêu rõ nguyên nhân và đề xuất trong từng báo cáo.",
];

/// Why something was late or short.
pub(super) const EXPLANATIONS: [&str; 2] = [
    "Một số hồ sơ chậm do phần mềm bảo trì trong tháng 6, đã gọi điện xin lỗi và hẹn lại từng hộ.",
    "Mưa lũ tháng 9 làm chậm việc xác minh tại thôn, có biên bản của trưởng thôn.",
];
