//! Four words that a phone and the office's screen both show before a device is let in.
//!
//! They are a hash of both keys, so a photographed code used by somebody else, or a server in between, shows other words.
//! 32 bits are enough: an attacker has one try, under the eyes of the person who compares. Read aloud they must not be
//! confused, so no word is another one with a different tone or mark. Source: security 2.2.

use sha2::{Digest, Sha256};

use crate::hash::PublicKey;

/// The words for this server and this device, in order.
pub fn four_words(server: &PublicKey, device: &PublicKey) -> [&'static str; 4] {
    let mut hash = Sha256::new();
    hash.update(b"langnghe/four-words/1");
    hash.update(server.as_bytes());
    hash.update(device.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    [digest[0], digest[1], digest[2], digest[3]].map(|byte| WORDS[usize::from(byte)])
}

/// One-syllable words that people know. Never changed: phone and server may be of different versions.
#[rustfmt::skip]
const WORDS: [&str; 256] = [
    "anh", "áo", "bạc", "bàn", "bánh", "bao", "bát", "bay", "bên", "biển", "binh", "bố", "bơi", "bóng", "bột",
    "bướm", "búp", "bút", "cá", "cam", "canh", "cao", "cát", "cau", "cây", "chân", "chanh", "cháo", "chè", "chén",
    "chèo", "chị", "chiều", "chim", "chín", "chữ", "chùa", "chung", "chuối", "chuông", "cò", "cốc", "con", "cổng",
    "cửa", "cúc", "cung", "cuốc", "đàn", "dao", "đạp", "đất", "dây", "dê", "đêm", "đen", "điện", "đình", "đò", "đợi",
    "dòng", "dù", "dừa", "đường", "ếch", "én", "gà", "gạch", "gạo", "gấu", "giấy", "giếng", "gió", "giường", "gỗ",
    "gốc", "gối", "gương", "hai", "hàng", "hạnh", "hát", "hè", "hến", "heo", "hiên", "hồ", "hoa", "hội", "hòn",
    "hồng", "hương", "hươu", "huyện", "kê", "kem", "keo", "khăn", "khế", "khèn", "khỉ", "kho", "khoai", "khói",
    "khóm", "kiến", "kim", "kính", "lạc", "lan", "làng", "lê", "len", "lợn", "lông", "lúa", "lược", "lưới", "má",
    "mai", "màn", "măng", "mắt", "mây", "mẹ", "mèo", "mía", "mít", "mỏ", "mùa", "mực", "muối", "mương", "mướp", "na",
    "nai", "nam", "nắng", "nem", "ngà", "ngày", "nghe", "ngô", "ngọc", "ngói", "ngọn", "ngựa", "người", "nhà",
    "nhạc", "nhãn", "nhện", "nho", "nhung", "nồi", "nơm", "non", "nong", "nụ", "núi", "nước", "nương", "ốc", "ổi",
    "ong", "phà", "phấn", "pháo", "phim", "phố", "phòng", "phù", "phượng", "quả", "quân", "quạt", "quay", "quê",
    "quýt", "rắn", "rau", "rèm", "rét", "rổ", "rơm", "rong", "rùa", "rừng", "ruộng", "rượu", "sả", "sách", "sắn",
    "sao", "sáu", "sen", "sò", "sóc", "sơn", "sóng", "sữa", "sung", "suối", "sương", "tai", "tằm", "táo", "tàu",
    "tay", "tem", "tên", "thác", "thang", "thảo", "thìa", "thỏ", "thôn", "thông", "thu", "thước", "thuyền", "tim",
    "tơ", "tỏi", "tôm", "trà", "trai", "trăng", "trâu", "tre", "trời", "trống", "trứng", "trường", "tủ", "tùng",
    "tường", "tuyết", "vai", "ván", "vàng", "vẹt", "vịnh", "vịt", "vở", "voi", "vòng", "vui", "vườn", "xanh", "xe",
    "xoài", "xôi", "xuân", "xưởng", "yên",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::text::folded;

    #[test]
    fn no_word_is_another_one_with_a_different_tone() {
        let folded: HashSet<String> = WORDS.iter().map(|word| folded(word)).collect();
        assert_eq!(folded.len(), WORDS.len());
        assert!(WORDS.iter().all(|word| word.chars().all(char::is_alphabetic)));
    }

    #[test]
    fn another_key_on_either_side_shows_other_words() {
        let key = |seed| PublicKey::from_bytes([seed; 32]);
        assert_eq!(four_words(&key(1), &key(2)), four_words(&key(1), &key(2)));
        assert_ne!(four_words(&key(1), &key(2)), four_words(&key(1), &key(3)));
        assert_ne!(four_words(&key(1), &key(2)), four_words(&key(4), &key(2)));
        assert_ne!(four_words(&key(1), &key(2)), four_words(&key(2), &key(1)));
    }

    #[test]
    fn the_words_are_the_same_for_ever() {
        let key = |seed| PublicKey::from_bytes([seed; 32]);
        assert_eq!(four_words(&key(1), &key(2)), ["dao", "bao", "kim", "ong"]);
    }
}
