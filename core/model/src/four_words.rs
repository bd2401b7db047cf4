//! Four words that a phone and the office's screen both show before a device is let in.
//!
//! They are a hash of both keys, of the one-time code, and of a nonce that the server draws when it takes that code for
//! that key. Whoever is on the way knows code and keys, and 32 bits are soon searched: what he cannot know is the nonce.
//! It is drawn after the key is fixed, for the words on the phone as for the words of any other device, so nobody can
//! look for a key with the same words. A phone shows words only under the server's signature over its own request
//! ([`crate::enrolment::sign_answer`]), so its server took the code for this very key and for no other.
//!
//! What holds: whoever wants his own device taken for the phone in somebody's hand has one try per one-time code, and
//! 2^32 words against him, under the eyes of the person who compares. What does not: a photographed code that is used
//! first by somebody else lets him wait under the person's name; the person's phone then shows no words at all, and only
//! an office that approves without comparing lets him in. Read aloud the words must not be confused, so no word is
//! another one with a different tone or mark. Source: security 2.2.

use sha2::{Digest, Sha256};

use crate::enrolment::NONCE_BYTES;
use crate::hash::PublicKey;

/// The words for this server and this device, in order. `code` is the [`crate::enrolment::code_hash`].
pub fn four_words(
    server: &PublicKey,
    device: &PublicKey,
    code: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
) -> [&'static str; 4] {
    let mut hash = Sha256::new();
    hash.update(b"langnghe/four-words/2");
    hash.update(server.as_bytes());
    hash.update(device.as_bytes());
    hash.update(code);
    hash.update(nonce);
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

    fn words(server: u8, device: u8, code: u8, nonce: u8) -> [&'static str; 4] {
        let key = |seed| PublicKey::from_bytes([seed; 32]);
        four_words(&key(server), &key(device), &[code; 32], &[nonce; NONCE_BYTES])
    }

    #[test]
    fn another_key_another_code_and_another_nonce_show_other_words() {
        assert_eq!(words(1, 2, 3, 4), words(1, 2, 3, 4));
        for other in [words(9, 2, 3, 4), words(1, 9, 3, 4), words(1, 2, 9, 4), words(1, 2, 3, 9), words(2, 1, 3, 4)] {
            assert_ne!(words(1, 2, 3, 4), other);
        }
    }

    #[test]
    fn the_words_are_the_same_for_ever() {
        assert_eq!(words(1, 2, 3, 4), ["én", "chén", "chuông", "heo"]);
    }
}
