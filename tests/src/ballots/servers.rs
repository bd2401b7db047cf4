//! The server's side: the real office and the real boxes over files of a scratch folder, called as its doors call them.

use std::path::{Path, PathBuf};

use model::envelope::Envelope;
use model::hash::PublicKey;
use model::received::ReceivedList;
use model::time::{Day, Timestamp};
use server::ballots::boxes::{Boxes, DropRefused};
use server::office::{Moment, Office};
use server::rounds::{self, recorded};
use server::safety::Safety;

use super::rehearsal::{rehearsal, server_key};

/// The folder of the boxes in the data folder.
const BOXES: &str = "ballots";

/// The folder of the safe copies in it.
const SAFE: &str = "safe";

/// What an operator brings back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loss {
    /// The box alone; its safe copy fills it.
    Box,
    /// Box, copy and lists are those of an older image of the disk.
    WholeFolder,
    /// The box is lost, and the copy that fills it is older than the newest list.
    OldCopy,
}

/// A server and its files.
pub struct CommuneServer {
    folder: PathBuf,
    /// The named road.
    pub office: Office,
    /// The anonymous road.
    pub boxes: Boxes,
}

impl CommuneServer {
    /// Starts over a folder in which the round was announced.
    pub fn start(folder: &Path, moment: Moment) -> Self {
        let office =
            Office::open(folder, server_key(), Safety::of_one_copy(), moment).expect("an office of ours opens");
        Self { folder: folder.to_owned(), office, boxes: open_boxes(folder) }
    }

    /// Who it is.
    pub fn identity(&self) -> PublicKey {
        self.office.identity()
    }

    /// One request to the drop, as [`server::ballots::drop`] serves it.
    pub fn take(&self, bytes: &[u8], now_ms: i64) -> Result<(), DropRefused> {
        let now = Timestamp::from_utc_ms(now_ms);
        let admitted = self.boxes.admit(bytes, now.vietnamese_day())?;
        if let Some(seal) = &admitted.seal
            && !recorded::is_in_time(self.office.reader(), rehearsal().definition(), seal)?
        {
            return Err(DropRefused::Closed);
        }
        self.boxes.put(&admitted, now.day_began().utc_ms())
    }

    /// The newest list, as the door tells it.
    pub fn list(&self, today: Day) -> Option<ReceivedList> {
        self.boxes.begin_day(today).expect("a day can begin");
        self.boxes.list(rehearsal().definition().id)
    }

    /// An image of everything that belongs to the boxes.
    pub fn keep_image(&self) {
        copy_folder(&self.folder.join(BOXES), &self.folder.with_extension("image"));
    }

    /// Whether there is an image.
    pub fn has_image(&self) -> bool {
        self.folder.with_extension("image").is_dir()
    }

    /// The box goes back, and the server begins a new life as a restore does.
    pub fn goes_back(&mut self, loss: Loss, moment: Moment) {
        let (boxes, image) = (self.folder.join(BOXES), self.folder.with_extension("image"));
        match loss {
            Loss::Box => remove_boxes(&boxes),
            Loss::WholeFolder => copy_folder(&image, &boxes),
            Loss::OldCopy => {
                remove_boxes(&boxes);
                copy_folder(&image.join(SAFE), &boxes.join(SAFE));
            }
        }
        self.boxes = open_boxes(&self.folder);
        self.office.begin_new_life(false, moment).expect("a new life can begin");
    }

    /// Every envelope of the frozen box.
    pub fn frozen(&self) -> Vec<Envelope> {
        let mut envelopes = Vec::new();
        let take = |envelope| -> Result<(), server::failure::ServerFailed> {
            envelopes.push(envelope);
            Ok(())
        };
        assert_eq!(self.boxes.each_frozen(rehearsal().definition().id, take), Ok(true), "the box is frozen");
        envelopes
    }

    /// Freezes the box and writes the file of the holders.
    pub fn hand_over(&self, to: &Path, today: Day) {
        let kept = rounds::find(self.office.reader(), rehearsal().definition().id).expect("rounds can be read");
        let kept = kept.expect("the round was announced");
        rounds::opening::write(self.office.reader(), &self.boxes, &kept, (to, today)).expect("the file can be written");
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

fn open_boxes(folder: &Path) -> Boxes {
    let boxes = Boxes::open(folder, None, server_key()).expect("boxes of ours can be opened");
    boxes.begin(rehearsal().holders.ceremony.announcement.round()).expect("a box of ours can be opened");
    boxes
}

fn remove_boxes(folder: &Path) {
    let files = std::fs::read_dir(folder).expect("the boxes can be read").flatten().map(|file| file.path());
    let lost = files.filter(|path| path.extension().is_some_and(|of| of == "box"));
    lost.for_each(|path| std::fs::remove_file(path).expect("a file of ours can be removed"));
}

fn copy_folder(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to).expect("the scratch folder can be written");
    // There is no safe copy before the first list.
    for file in std::fs::read_dir(from).into_iter().flatten().flatten() {
        let (path, to) = (file.path(), to.join(file.file_name()));
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            std::fs::copy(path, to).expect("the scratch folder can be written");
        }
    }
}
