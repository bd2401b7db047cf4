//! The slip book: what the holders know of every slip that was printed, by area.
//!
//! It is sealed to the round's key; outside stand only its digest and how many slips each area has. A readable list
//! would let anybody search for codes, and one that could grow would be a door for stuffing. Source: anonymity A4.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use super::SlipTag;
use crate::hash::ContentHash;
use crate::round::AreaNumber;

/// The slips of one area, sorted.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SlipBook {
    #[n(0)]
    areas: BTreeMap<AreaNumber, AreaTags>,
}

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
struct AreaTags(#[cbor(n(0), with = "tags")] Vec<SlipTag>);

/// The book is not the one of the definition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the slip book is not the one that the holders signed")]
pub struct OtherBook;

impl SlipBook {
    /// From the tags of every area; the order in which slips were made is lost.
    pub fn of(slips: impl IntoIterator<Item = (AreaNumber, SlipTag)>) -> Self {
        let mut areas: BTreeMap<AreaNumber, AreaTags> = BTreeMap::new();
        for (area, tag) in slips {
            areas.entry(area).or_insert_with(|| AreaTags(Vec::new())).0.push(tag);
        }
        for tags in areas.values_mut() {
            tags.0.sort_unstable();
        }
        Self { areas }
    }

    /// Reads a book that must be the one of this digest.
    pub fn read(bytes: &[u8], digest: &ContentHash) -> Result<Self, OtherBook> {
        let book: Self = minicbor::decode(bytes).map_err(|_| OtherBook)?;
        if book.to_bytes() == bytes && book.digest() == *digest { Ok(book) } else { Err(OtherBook) }
    }

    /// Its one way of being written.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// What the definition holds of it.
    pub fn digest(&self) -> ContentHash {
        let mut hash = Sha256::new();
        hash.update(b"langnghe/slip-book/1");
        hash.update(self.to_bytes());
        ContentHash::from_bytes(hash.finalize().into())
    }

    /// Slips of each area.
    pub fn counts(&self) -> BTreeMap<AreaNumber, u32> {
        self.areas.iter().map(|(area, tags)| (*area, tags.0.len() as u32)).collect()
    }

    /// Whether a slip of this area was printed.
    pub fn has(&self, area: AreaNumber, tag: &SlipTag) -> bool {
        self.areas.get(&area).is_some_and(|tags| tags.0.binary_search(tag).is_ok())
    }

    /// The areas that have slips.
    pub fn areas(&self) -> impl Iterator<Item = AreaNumber> {
        self.areas.keys().copied()
    }
}

mod tags {
    use minicbor::bytes::ByteVec;
    use minicbor::decode::Error;
    use minicbor::encode::Write;
    use minicbor::{Decode, Decoder, Encoder};

    use super::SlipTag;

    pub(super) fn encode<C, W: Write>(
        tags: &[SlipTag],
        out: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        let bytes: Vec<u8> = tags.iter().flat_map(|tag| *tag.as_bytes()).collect();
        out.bytes(&bytes)?.ok()
    }

    pub(super) fn decode<C>(input: &mut Decoder<'_>, context: &mut C) -> Result<Vec<SlipTag>, Error> {
        let bytes = ByteVec::decode(input, context)?;
        let (tags, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() {
            return Err(Error::message("a tag has 32 bytes"));
        }
        Ok(tags.iter().map(|tag| SlipTag::from_bytes(*tag)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::RoundId;
    use crate::slip::SlipSecret;

    fn tag(number: u8) -> SlipTag {
        SlipSecret::from_random([number; 8]).tag(RoundId::from_bytes([1; 16]), AreaNumber(1))
    }

    #[test]
    fn a_book_does_not_know_in_which_order_slips_were_made() {
        let slips = [(AreaNumber(1), tag(1)), (AreaNumber(2), tag(2)), (AreaNumber(1), tag(3))];
        let mut turned = slips;
        turned.reverse();
        let (book, other) = (SlipBook::of(slips), SlipBook::of(turned));
        assert_eq!(book.to_bytes(), other.to_bytes());
        assert_eq!(book.counts(), BTreeMap::from([(AreaNumber(1), 2), (AreaNumber(2), 1)]));
        assert!(book.has(AreaNumber(1), &tag(3)) && !book.has(AreaNumber(2), &tag(3)));
        assert!(SlipBook::read(&book.to_bytes(), &book.digest()).is_ok_and(|read| read == book));
    }

    /// A4: a tag added or removed makes another book.
    #[test]
    fn a_book_with_one_slip_more_or_less_is_refused() {
        let slips: Vec<_> = (0..20).map(|number| (AreaNumber(1), tag(number))).collect();
        let digest = SlipBook::of(slips.clone()).digest();
        let less = SlipBook::of(slips[1..].to_vec());
        let more = SlipBook::of(slips.iter().copied().chain([(AreaNumber(1), tag(99))]));
        for book in [less, more] {
            assert_eq!(SlipBook::read(&book.to_bytes(), &digest).err(), Some(OtherBook));
        }
        let unsorted = SlipBook { areas: BTreeMap::from([(AreaNumber(1), AreaTags(vec![tag(1), tag(0), tag(2)]))]) };
        let sorted = SlipBook::of((0..3).map(|number| (AreaNumber(1), tag(number))));
        assert_eq!(SlipBook::read(&unsorted.to_bytes(), &sorted.digest()).err(), Some(OtherBook));
    }
}
