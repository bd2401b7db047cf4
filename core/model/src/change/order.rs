//! Changes in an order in which they can be applied one by one.

use std::collections::HashMap;

use super::ChangeHeader;

/// The same changes, each after what it builds on; else their order stays. A dependency may have the later receipt.
pub(crate) fn dependencies_first(changes: Vec<&[u8]>) -> Vec<&[u8]> {
    let read = |bytes: &&[u8]| ChangeHeader::read(bytes).ok();
    let headers: Vec<Option<ChangeHeader>> = changes.iter().map(read).collect();
    let hashes = headers.iter().enumerate().filter_map(|(index, header)| Some((header.as_ref()?.hash, index)));
    let place: HashMap<[u8; 32], usize> = hashes.collect();
    let (mut sorted, mut met) = (Vec::with_capacity(changes.len()), vec![false; changes.len()]);
    for first in 0..changes.len() {
        let mut stack = vec![(first, false)];
        while let Some((index, is_left)) = stack.pop() {
            if is_left {
                sorted.push(changes[index]);
            } else if !std::mem::replace(&mut met[index], true) {
                stack.push((index, true));
                let under = headers[index].iter().flat_map(|header| &header.dependencies);
                stack.extend(under.filter_map(|hash| place.get(hash)).map(|index| (*index, false)));
            }
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Edit, Scalar, WorkingDocument};
    use crate::time::Timestamp;

    #[test]
    fn what_is_built_on_comes_first_and_else_the_order_stays() {
        let mut document = WorkingDocument::default();
        let mut write = |author: u8, field: &str| {
            let edit = Edit { field: field.to_owned(), value: Some(Scalar::Flag(true)) };
            document.record([author; 16], Timestamp::from_utc_ms(0), &[edit]).unwrap().bytes
        };
        let (first, second, third) = (write(1, "a"), write(2, "b"), write(1, "c"));
        let mut other = WorkingDocument::default();
        let edit = Edit { field: "d".to_owned(), value: Some(Scalar::Flag(true)) };
        let alone = other.record([3; 16], Timestamp::from_utc_ms(0), &[edit]).unwrap().bytes;
        let noise = [0_u8; 3];
        let given: Vec<&[u8]> = vec![&alone, &third, &noise, &first, &second];
        let sorted: Vec<&[u8]> = vec![&alone, &first, &second, &third, &noise];
        assert_eq!(dependencies_first(given), sorted);
    }
}
