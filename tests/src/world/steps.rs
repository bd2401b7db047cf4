//! What can happen: people act, messages travel, machines fail.

use model::document::{Edit, Scalar};
use model::entry::{CaseStatus, EntryKind};
use model::exchange::{Answered, Reply, pack, unpack_reply, unpack_request};
use model::hash::EntryHash;
use model::identity::CycleId;
use model::membership::{Grant, Role};
use model::self_assessment::Heading;
use model::self_assessment::fields::answer_name;
use model::time::Timestamp;
use phone::work::Act;
use rand::RngExt;

use super::ghosts::{Typed, log_of};
use super::{Message, PUSH_ENTRIES_MAX, World};

/// Messages under way at one time.
const NETWORK_MAX: usize = 6;

/// Steps of the database's engine that one act or exchange takes at most, roughly; a kill falls somewhere before.
const ENGINE_STEPS_MAX: u32 = 120;

impl World {
    /// One step, drawn from everything that may happen in this run.
    pub fn step(&mut self) {
        self.now_ms += self.random.random_range(1..60_000);
        match self.random.random_range(0..100) {
            0..22 => self.edit(),
            22..27 => self.submit(),
            27..31 => self.decide(),
            31..58 => self.send(),
            58..88 => self.deliver(),
            88..90 => self.duplicate(),
            90..91 => self.back_up(),
            91..92 => self.restart(),
            92..94 => self.restore(),
            94..96 => self.copy_or_revive(),
            96..97 => self.revoke_or_grant(),
            97..98 => self.stop_old(),
            98..99 => self.close_early(),
            _ => self.cut(),
        }
    }

    fn dies_after(&mut self) -> Option<u32> {
        let dies = self.faults.kills && self.random.random_bool(0.06);
        dies.then(|| self.random.random_range(1..ENGINE_STEPS_MAX))
    }

    fn edit(&mut self) {
        let (index, paper) = (self.below(2), self.papers[self.random.random_range(0..self.papers.len())]);
        let cycle = u8::from(paper != self.papers[0]);
        let edits = self.edits(cycle);
        let (claimed, dies) = (Timestamp::from_utc_ms(self.now_ms), self.dies_after());
        let made = self.phones[index]
            .act(dies, |work, store, author| work.edit(Act { store, author, claimed }, paper, &edits))
            .flatten();
        self.note(format!("phone {index} edits paper {cycle}: {made:?}, killed {}", dies.is_some() && made.is_none()));
        self.remember(index, made, EntryKind::Change, paper.document);
    }

    fn edits(&mut self, cycle: u8) -> Vec<Edit> {
        let question = self.random.random_range(0..3);
        let answer = self.random.random_range(0..5);
        let heading = Heading {
            cycle: CycleId::from_bytes([cycle; 16]),
            person: self.phones[0].author.person,
            form: self.form.pin(),
            is_leader: false,
        };
        let value = Some(Scalar::Text(format!("answer {answer}")));
        let mut edits = heading.edits();
        edits.push(Edit { field: answer_name(&format!("q{question}")), value });
        edits
    }

    fn submit(&mut self) {
        let (index, paper) = (self.below(2), self.papers[self.random.random_range(0..self.papers.len())]);
        let (claimed, dies, form) = (
            Timestamp::from_utc_ms(self.now_ms),
            self.dies_after(),
            EntryHash::from_bytes(*self.form.fingerprint().as_bytes()),
        );
        let made = self.phones[index]
            .act(dies, |work, store, author| work.submit(Act { store, author, claimed }, paper, form));
        self.note(format!("phone {index} submits {paper:?}: {made:?}"));
        self.remember(index, made, EntryKind::Submit, paper.document);
    }

    fn decide(&mut self) {
        let (index, paper) = (2, self.papers[self.random.random_range(0..self.papers.len())]);
        let (claimed, dies) = (Timestamp::from_utc_ms(self.now_ms), self.dies_after());
        let to = match self.random.random_bool(0.5) {
            true => (CaseStatus::Returned, Some("add the evidence".to_owned())),
            false => (CaseStatus::Accepted, None),
        };
        let made =
            self.phones[index].act(dies, |work, store, author| work.decide(Act { store, author, claimed }, paper, to));
        self.note(format!("phone {index} decides {paper:?}: {made:?}"));
        self.remember(index, made, EntryKind::Status, paper.document);
    }

    fn remember(
        &mut self,
        index: usize,
        made: Option<EntryHash>,
        kind: EntryKind,
        document: model::identity::DocumentId,
    ) {
        if let Some(hash) = made {
            let device = self.phones[index].device();
            self.ghosts.typed.insert(hash, Typed { phone: index, document, kind, device });
        }
    }

    fn send(&mut self) {
        if self.network.len() >= NETWORK_MAX {
            return;
        }
        let (from, entries) = (self.below(self.phones.len()), self.random.random_range(1..=PUSH_ENTRIES_MAX));
        let outgoing = Box::new(self.phones[from].outgoing(entries));
        self.note(format!("phone {from} sends {} entries", outgoing.entries()));
        self.network.push(Message::Request { from, outgoing });
    }

    fn deliver(&mut self) {
        if self.network.is_empty() {
            return;
        }
        let index = self.random.random_range(0..self.network.len());
        let message = self.network.remove(index);
        if self.random.random_bool(0.1) {
            self.note("a message is lost".to_owned());
            return;
        }
        self.bring(message);
    }

    fn duplicate(&mut self) {
        let requests: Vec<Message> =
            self.network.iter().filter(|message| matches!(message, Message::Request { .. })).cloned().collect();
        if let Some(message) = requests.first() {
            self.note("a request arrives twice".to_owned());
            self.bring(message.clone());
        }
    }

    /// A message is cut after any byte; the receiver must refuse it whole.
    fn cut(&mut self) {
        let Some(message) = self.network.pop() else { return };
        match message {
            Message::Request { outgoing, .. } => {
                let packed = pack(&outgoing.request);
                let length = self.random.random_range(0..packed.len());
                assert!(unpack_request(&packed[..length]).is_err(), "a torn request was read");
            }
            Message::Reply { bytes, .. } if !bytes.is_empty() => {
                let length = self.random.random_range(0..bytes.len());
                assert!(unpack_reply(&bytes[..length]).is_err(), "a torn reply was read");
            }
            Message::Reply { .. } => {}
        }
    }

    fn bring(&mut self, message: Message) {
        match message {
            Message::Request { from, outgoing } => {
                let to_old = self.old.is_some() && self.random.random_bool(0.5);
                let (device, dies) = (self.phones[from].device(), self.dies_after());
                let request = unpack_request(&pack(&outgoing.request)).expect("a request of ours can be read");
                let now_ms = self.now_ms;
                let server = if to_old { self.old.as_mut().unwrap_or(&mut self.server) } else { &mut self.server };
                let reply = server.serve(device, &request, now_ms, dies);
                self.note(format!("{} answers phone {from}: {}", if to_old { "old" } else { "server" }, shown(&reply)));
                if let Some(reply) = reply {
                    let bytes = pack(&reply);
                    self.network.push(Message::Reply { to: from, outgoing, bytes });
                }
            }
            Message::Reply { to, outgoing, bytes } => {
                let reply = unpack_reply(&bytes).expect("a reply of ours can be read");
                let dies = self.dies_after();
                let taken = self.phones[to].take(&outgoing, &reply, dies);
                self.note(format!("phone {to} takes {}: {taken:?}", shown(&Some(reply))));
                match taken {
                    Some(_) => self.listen(to),
                    None => self.hang_up(to),
                }
            }
        }
    }

    /// Replies to a process that died are lost with its connections.
    fn hang_up(&mut self, index: usize) {
        self.network.retain(|message| !matches!(message, Message::Reply { to, .. } if *to == index));
    }

    fn restart(&mut self) {
        if self.random.random_bool(0.5) {
            let now_ms = self.now_ms;
            self.server.start(now_ms);
            self.note("the server is killed and started".to_owned());
        } else {
            let index = self.below(self.phones.len());
            self.phones[index].restart();
            self.hang_up(index);
            self.note(format!("phone {index} is killed and started"));
        }
    }

    fn back_up(&mut self) {
        self.server.back_up();
        self.note("the server is copied".to_owned());
    }

    fn restore(&mut self) {
        if self.faults.restores == 0 || !self.server.has_backup() {
            return;
        }
        self.faults.restores -= 1;
        self.ghosts.server_restores += 1;
        // What this server had stays early even if the new one must be told of it again.
        let space = self.papers[0].space;
        self.ghosts.ever.extend(log_of(self.server.office(), space).iter().map(|row| row.hash));
        let next = self.server.restored(self.now_ms);
        let before = std::mem::replace(&mut self.server, next);
        let is_split = self.faults.split && self.random.random_bool(0.7);
        self.old = is_split.then_some(before);
        self.note(format!("the server is restored, the old one answers on: {is_split}"));
        if !is_split {
            self.mourn();
        }
    }

    fn stop_old(&mut self) {
        if self.old.take().is_some() {
            self.note("the old server stops".to_owned());
            self.mourn();
        }
    }

    fn copy_or_revive(&mut self) {
        let index = self.below(self.phones.len());
        if self.phones[index].has_copy() && self.faults.revivals > 0 && self.random.random_bool(0.6) {
            self.faults.revivals -= 1;
            self.ghosts.phone_restores += 1;
            self.phones[index].revive();
            self.hang_up(index);
            self.note(format!("phone {index} is restored from its copy"));
            self.mourn();
        } else if self.faults.revivals > 0 {
            self.phones[index].copy();
            self.note(format!("phone {index} is copied"));
        }
    }

    /// The office takes the second device, or the cadre with both, out, or lets it in again.
    fn revoke_or_grant(&mut self) {
        if !self.faults.revokes {
            return;
        }
        let space = self.papers[0].space;
        let (person, key) = (self.phones[1].author.person, self.phones[1].author.key.verifying_key().to_bytes());
        let is_whole = self.random.random_bool(0.3);
        let key = (!is_whole).then(|| model::hash::PublicKey::from_bytes(key));
        let role = self.ghosts.revoked.is_some().then_some(Role::Subject);
        let grant = Grant { key, person, role, claimed_ms: self.now_ms };
        let moment = self.server.moment(self.now_ms);
        self.server.office().act(&[space], &grant, moment).expect("an act of the office is stored");
        let devices: Vec<_> = match is_whole {
            true => vec![self.phones[0].device(), self.phones[1].device()],
            false => vec![self.phones[1].device()],
        };
        self.note(format!("the office sets {role:?} for {} (whole person: {is_whole})", devices.len()));
        self.ghosts.touched.extend(devices.iter().copied());
        self.ghosts.ever.extend(log_of(self.server.office(), space).iter().map(|row| row.hash));
        self.ghosts.early.clone_from(&self.ghosts.ever);
        self.ghosts.revoked = role.is_none().then_some(devices);
    }

    fn close_early(&mut self) {
        if self.faults.closes_early {
            self.server.office().close_recovery().expect("recovery can be closed");
            self.note("the office closes recovery by hand".to_owned());
        }
    }
}

fn shown(reply: &Option<Reply>) -> String {
    let Some(reply) = reply else { return "nothing, it died".to_owned() };
    let one = |answer: &Answered| match answer {
        Answered::Rows(rows) => {
            format!("acks {:?}, {} rows, safe {}", rows.acknowledgements, rows.rows.len(), rows.safe)
        }
        Answered::OtherEpoch(notice) => format!("epoch {:?}", notice.epoch),
        Answered::UnknownDevice => "unknown device".to_owned(),
    };
    reply.spaces.iter().map(|space| one(&space.answer)).collect::<Vec<_>>().join("; ")
}
