//! Messages travel: late, twice, in another order, to an old server, cut, or not at all.

use model::exchange::{Answered, Reply, pack, unpack_reply, unpack_request};
use model::receipt::Epoch;
use rand::RngExt;

use super::{Message, World};

/// Messages under way at one time.
const NETWORK_MAX: usize = 6;

/// Bytes of rows that a phone asks for; the least is one row, so that replies break everywhere.
const BUDGETS_BYTES: [usize; 4] = [1, 600, 900, 4_000];

impl World {
    /// A phone puts a request into the network.
    pub fn send(&mut self) {
        if self.network.len() >= NETWORK_MAX {
            return;
        }
        let from = self.below(self.phones.len());
        let message = self.request_of(from);
        self.network.push(message);
    }

    /// The request that this phone would send now.
    pub fn request_of(&mut self, from: usize) -> Message {
        let entries = self.random.random_range(1..=self.faults.push_entries_max);
        let budget_bytes = BUDGETS_BYTES[self.below(BUDGETS_BYTES.len())];
        let outgoing = Box::new(self.phones[from].outgoing(entries, budget_bytes));
        self.note(format!("phone {from} sends {} entries", outgoing.entries()));
        Message::Request { from, outgoing }
    }

    /// Any message arrives, or is lost.
    pub fn deliver(&mut self) {
        if self.network.is_empty() {
            return;
        }
        let index = self.below(self.network.len());
        let message = self.network.remove(index);
        if self.random.random_range(0..100) < self.faults.losses_percent {
            self.note("a message is lost".to_owned());
            return;
        }
        self.bring(message);
    }

    /// A request arrives, and arrives again later.
    pub fn duplicate(&mut self) {
        let requests: Vec<Message> =
            self.network.iter().filter(|message| matches!(message, Message::Request { .. })).cloned().collect();
        if let Some(message) = requests.first() {
            self.note("a request arrives twice".to_owned());
            self.bring(message.clone());
        }
    }

    /// The server takes a request of any phone, and nobody hears of it.
    pub fn lose_answer(&mut self) {
        let from = self.below(self.phones.len());
        self.lose_answer_to(from);
    }

    /// The server takes a request of this phone, and nobody hears of it.
    pub fn lose_answer_to(&mut self, from: usize) {
        let request = self.request_of(from);
        self.bring_unheard(request);
    }

    /// The server takes this request, and nobody hears of it.
    pub fn bring_unheard(&mut self, request: Message) {
        let under_way = self.network.len();
        self.bring(request);
        self.network.truncate(under_way);
        self.note("its answer is lost".to_owned());
    }

    /// One exchange without loss.
    pub fn visit(&mut self, from: usize) {
        let request = self.request_of(from);
        self.carry(request);
    }

    /// A request arrives, and so does its answer.
    pub fn carry(&mut self, request: Message) {
        let under_way = self.network.len();
        self.bring(request);
        if self.network.len() > under_way
            && let Some(reply) = self.network.pop()
        {
            self.bring(reply);
        }
    }

    /// A message is cut after any byte; the receiver must refuse it whole.
    pub fn cut(&mut self) {
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
                let (dies, lives) = (self.dies_after(), self.lives_of(to));
                let taken = self.phones[to].take(&outgoing, &reply, dies);
                self.note(format!("phone {to} takes {}: {taken:?}", shown(&Some(reply))));
                match taken {
                    Some(_) => self.listen(to),
                    None => self.hang_up(to),
                }
                if self.lives_of(to).iter().zip(&lives).any(|(now, before)| now < before) {
                    self.broken.get_or_insert(format!("P16: phone {to} went back to an earlier life of the server"));
                }
            }
        }
    }

    fn lives_of(&mut self, index: usize) -> [Epoch; 3] {
        self.spaces.map(|space| self.phones[index].space(space).cursor.epoch)
    }

    /// Replies to a process that died are lost with its connections.
    pub fn hang_up(&mut self, index: usize) {
        self.network.retain(|message| !matches!(message, Message::Reply { to, .. } if *to == index));
    }
}

/// A reply in the words of the trace.
pub fn shown(reply: &Option<Reply>) -> String {
    let Some(reply) = reply else { return "nothing, it died".to_owned() };
    let one = |answer: &Answered| match answer {
        Answered::Rows(rows) => {
            format!("acks {:?}, {} rows, safe {}", rows.acknowledgements, rows.rows.len(), rows.safe)
        }
        Answered::OtherEpoch(notice) => format!("epoch {:?}", notice.present.epoch),
        Answered::UnknownDevice => "unknown device".to_owned(),
    };
    reply.spaces.iter().map(|space| one(&space.answer)).collect::<Vec<_>>().join("; ")
}
