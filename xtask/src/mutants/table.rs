//! The rules, and how each one is broken. `find` stands exactly once in its file.
//!
//! Not here, because nothing else could show it. R9's second half, a missing entry is offered: while R8 brings back
//! every row beyond the fork, a phone that lacks a row on the server has it in its outbox anyway; the checked model
//! broke the two together only. R14: neither phone nor server drops signed bytes yet. R19's order of merging: per name
//! the latest receipt counts whatever its place, and nothing else enters before the merge is done. Equivocation (R3)
//! needs a dishonest phone: `tests/gate.rs`.

/// One broken rule.
pub(super) struct Mutant {
    /// The exchange rule and what is wrong with it.
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    pub(super) find: &'static str,
    pub(super) replace: &'static str,
}

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "R1 a restored phone keeps its incarnation",
        file: "tests/src/world/phones.rs",
        find: "self.author.incarnation += 1_000;",
        replace: "",
    },
    Mutant {
        name: "R1 an entry without its outbox row",
        file: "core/phone/src/store/entries.rs",
        find: "let is_unsent = about.is_some() && at.is_none();",
        replace: "let is_unsent = about.is_some() && at.is_none() && entry.hash.as_bytes()[0] > 40;",
    },
    Mutant {
        name: "R2 old receipts stay at home",
        file: "core/phone/src/sync/session.rs",
        find: "let receipt = match entry.page {",
        replace: "let receipt = match entry.page.filter(|_| false) {",
    },
    Mutant {
        name: "R2 what has a receipt goes last",
        file: "core/phone/src/store/outbox.rs",
        find: "for sql in [with_receipt, without] {",
        replace: "for sql in [without, with_receipt] {",
    },
    Mutant {
        name: "R3 dependencies are not asked for",
        file: "server/src/serve.rs",
        find: "if !missing.is_empty() {",
        replace: "if missing.len() > 1_000 {",
    },
    Mutant {
        name: "R4 signed bytes go when the row comes",
        file: "core/phone/src/store/entries.rs",
        find: "    let sql = \"update entry set number = ?2, chain = ?3,",
        replace: "    let drop = \"delete from signed where entry = ?1
                and exists (select 1 from entry where id = ?1 and kind = 1)\";
    transaction.execute(drop, [id])?;
    let sql = \"update entry set number = ?2, chain = ?3,",
    },
    Mutant {
        name: "R5 a reply is applied to any cursor",
        file: "core/phone/src/sync/apply.rs",
        find: ".filter(|state| state.cursor == at)",
        replace: "",
    },
    Mutant {
        name: "R6 what is not held is passed over",
        file: "core/phone/src/sync/apply.rs",
        find: "let held = self.held(&leaf.hash)?;",
        replace: "let Some(held) = entries::find(self.transaction, &leaf.hash)? else { return Ok(()) };",
    },
    Mutant {
        name: "R7 a restore keeps the epoch",
        file: "server/src/recovery.rs",
        find: "let epoch = Epoch { started_ms, random: moment.random };",
        replace: "let (epoch, _) = (before, Epoch { started_ms, random: moment.random });",
    },
    Mutant {
        name: "R7 the chain is not compared",
        file: "server/src/log.rs",
        find: "Ok(chain_at(connection, space.id, at.number)? == Some(at.chain))",
        replace: "Ok(chain_at(connection, space.id, at.number)?.is_some())",
    },
    Mutant {
        name: "R8 rows beyond the fork stay away from the outbox",
        file: "core/phone/src/store/outbox.rs",
        find: "set is_unsent = 1, number = null, chain = null where",
        replace: "set number = null, chain = null where",
    },
    Mutant {
        name: "R8 receipts ahead of the cursor are forgotten",
        file: "core/phone/src/store/outbox.rs",
        find: "let acknowledged = \"update entry set is_unsent = 1",
        replace: "let acknowledged = \"update entry set is_unsent = is_unsent",
    },
    Mutant {
        name: "R8 safe is not cut at the fork",
        file: "core/phone/src/sync/fork.rs",
        find: "safe: state.safe.min(keep)",
        replace: "safe: state.safe",
    },
    Mutant {
        name: "R9 what misses something is refused",
        file: "core/phone/src/sync/apply.rs",
        find: "Acknowledgement::Missing(hashes) => self.missing(hash, hashes)?,",
        replace: "Acknowledgement::Missing(_) => self.refuse(hash, Refusal::BuildsOnRefused)?,",
    },
    Mutant {
        name: "R10 decisions do not wait for recovery",
        file: "server/src/serve.rs",
        find: "space.recovery != Recovery::Open || entry.is_decision();",
        replace: "space.recovery != Recovery::Open;",
    },
    Mutant {
        name: "R10 an outsider is refused while recovering",
        file: "server/src/serve.rs",
        find: "if is_recovering { Acknowledgement::Wait } else { refused(Refusal::NotAMember) };",
        replace: "refused(Refusal::NotAMember);",
    },
    Mutant {
        name: "R10 recovery closes with the first phone",
        file: "server/src/serve.rs",
        find: "if is_back == 0 {",
        replace: "if is_back > 9 {",
    },
    Mutant {
        name: "R10 edits do not wait when the membership file is lost",
        file: "server/src/serve.rs",
        find: "space.recovery != Recovery::Open || entry.is_decision();",
        replace: "entry.is_decision();",
    },
    Mutant {
        name: "R11 a step counts whatever it follows",
        file: "core/model/src/decision.rs",
        find: "status.follows == self.status.map(|status| status.hash)",
        replace: "status.follows.is_none() || self.status.is_some()",
    },
    Mutant {
        name: "R11 a correction counts whatever it names",
        file: "core/model/src/decision.rs",
        find: "submit.over == self.submitted",
        replace: "submit.over.is_some() == self.submitted.is_some()",
    },
    Mutant {
        name: "R12 membership at the receipt is forgotten",
        file: "core/model/src/decision.rs",
        find: " || membership.standing_at(author, place).is_some()",
        replace: " && place.number > 0",
    },
    Mutant {
        name: "R12 the last row counts, not the latest receipt",
        file: "core/model/src/membership.rs",
        find: "about.max_by_key(|act| act.place)\n        };",
        replace: "about.max_by_key(|act| act.number)\n        };",
    },
    Mutant {
        name: "R12 a person's return brings back the devices of before",
        file: "core/model/src/membership.rs",
        find: "any(|act| act.place > own.place);",
        replace: "any(|_| false);",
    },
    Mutant {
        name: "R12 a person's revocation leaves the devices in",
        file: "core/model/src/membership.rs",
        find: "let is_person_out = latest(Member::Person(person)).is_some_and(|act| act.grant.role.is_none());",
        replace: "let is_person_out = latest(Member::Person(person)).is_some_and(|_| false);",
    },
    Mutant {
        name: "R13 received is said at once",
        file: "core/phone/src/delivery.rs",
        find: "Some(place) if place <= safe => Self::Received,",
        replace: "Some(place) if place <= safe.max(place) => Self::Received,",
    },
    Mutant {
        name: "R13 the number in an old receipt counts as its place",
        file: "core/phone/src/store/entries.rs",
        find: "self.number.or(self.acknowledged)",
        replace: "self.number.or(self.acknowledged).or(self.first.map(|first| first.number))",
    },
    Mutant {
        name: "R15 a revoked device reads nothing",
        file: "core/model/src/membership.rs",
        find: "went_out.unwrap_or(0)",
        replace: "went_out.map_or(0, |number: u64| number.min(0))",
    },
    Mutant {
        name: "R15 a revoked device reads on",
        file: "core/model/src/membership.rs",
        find: "if self.standing(device).is_some() {\n            return head;",
        replace: "if self.person_of(device).is_some() {\n            return head;",
    },
    Mutant {
        name: "R15 a second revocation opens the rows before it",
        file: "core/model/src/membership.rs",
        find: "went_out = went_out.or(Some(act.number));",
        replace: "went_out = Some(act.number);",
    },
    Mutant {
        name: "R16 an enrolment is not looked at",
        file: "server/src/prepared.rs",
        find: "let enrolment = asked.enrolment.as_ref()?;",
        replace: "let enrolment = asked.enrolment.as_ref().filter(|_| false)?;",
    },
    Mutant {
        name: "R17 what builds on a refused entry waits for ever",
        file: "core/phone/src/sync/apply.rs",
        find: "if builds_on_refused { self.refuse(hash, Refusal::BuildsOnRefused) } else { Ok(false) }",
        replace: "if builds_on_refused { Ok(false) } else { Ok(false) }",
    },
    Mutant {
        name: "R17 the paper goes on under the refused actor",
        file: "core/phone/src/sync/apply.rs",
        find: "row.rebased += 1;",
        replace: "row.rebased += 0;",
    },
    Mutant {
        name: "R17 the log does not win over a refusal",
        file: "core/phone/src/store/entries.rs",
        find: "is_unsent = 0, refusal = null, acknowledged = null where id = ?1\";",
        replace: "is_unsent = 0, acknowledged = null where id = ?1\";",
    },
    Mutant {
        name: "R17 what a stored entry builds on stays refused",
        file: "core/phone/src/sync/apply.rs",
        find: "if has_refused {",
        replace: "if has_refused && stored > 1_000 {",
    },
    Mutant {
        name: "R18 a late decision with an old receipt is refused",
        file: "server/src/admitting.rs",
        find: "let stored = log::append(self.connection, space, entry, (first, admitted.in_force), received_ms)?;",
        replace: "if !past.is_unknown() && !admitted.in_force {\n            return Ok(refused(Refusal::DecidedAlready));\n        }\n        let stored = log::append(self.connection, space, entry, (first, admitted.in_force), received_ms)?;",
    },
    Mutant {
        name: "R18 the author is not told that a decision does not count",
        file: "core/phone/src/store/entries.rs",
        find: "        at.page,\n        at.in_force,\n    ))?;",
        replace: "        at.page,\n        true,\n    ))?;",
    },
    Mutant {
        name: "R19 a restore does not merge the membership file",
        file: "server/src/recovery.rs",
        find: "merge(&transaction, &mut space, &acts)?;",
        replace: "merge(&transaction, &mut space, &[])?;",
    },
    Mutant {
        name: "R19 a torn record takes the later ones of the membership file with it",
        file: "server/src/sidecar.rs",
        find: "None => at += 1,",
        replace: "None => return Ok(Records { bytes: bytes.len() as u64, ..found }),",
    },
    Mutant {
        name: "R19 what phones bring back of the directory stays out of the office's table",
        file: "server/src/published.rs",
        find: "if state.kind == DocumentKind::Directory && !past.is_unknown() {",
        replace: "if state.kind == DocumentKind::Directory && past.is_unknown() {",
    },
    Mutant {
        name: "R19 a start does not complete the membership file",
        file: "server/src/office.rs",
        find: "        office.complete_sidecar()?;\n        Ok(office)",
        replace: "        Ok(office)",
    },
    Mutant {
        name: "R20 a phone goes back to an older epoch",
        file: "core/phone/src/sync/fork.rs",
        find: "if present < at.epoch {",
        replace: "if present.started_ms == 1 {",
    },
    Mutant {
        name: "R21 documents share their decisions",
        file: "server/src/admitting.rs",
        find: "let state = log::document(self.connection, space.id, id)?;",
        replace: "let mut state = log::document(self.connection, space.id, id)?;\n        let sql = \"select state from document where space = ?1 and document <> ?2 limit 1\";\n        let other: Option<Vec<u8>> = rusqlite::OptionalExtension::optional(\n            self.connection.query_row(sql, (space.id, id.as_bytes()), |row| row.get(0)),\n        )?;\n        let other = other.and_then(|bytes| minicbor::decode::<model::gate::DocumentState>(&bytes).ok());\n        if let (Some(state), Some(other)) = (&mut state, other) {\n            state.decisions.submitted = state.decisions.submitted.or(other.decisions.submitted);\n        }",
    },
];
