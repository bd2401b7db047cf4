//! The office of the demo: a real server on loopback, its commune, and its side of an enrolment.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use model::directory::DirectoryItem;
use model::enrolment::{CODE_BYTES, EnrolmentCode};
use model::hash::PublicKey;
use model::identity::{PersonId, SpaceId};
use model::membership::{Grant, Role};
use server::desk::{self, Asked, Desk};
use server::rounds::desk::{RoundAsked, RoundTold};
use server::running::{self, Running};
use server::settings::Settings;
use server::{enrolment, machine};
use tokio::runtime::Runtime;

use super::{Told, failed};
use crate::commune::Commune;
use crate::wire::plain_client;

/// A server at work, and the people it knows.
pub struct Office {
    runtime: Runtime,
    running: Option<Running>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Office {
    /// Starts the server over a folder and publishes the commune.
    pub fn open(folder: &Path, commune: &Commune) -> Told<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(failed("No runtime could be started"))?;
        std::fs::create_dir_all(folder).map_err(failed("The server's folder could not be made"))?;
        let settings = Settings::of_folder(folder);
        let running = runtime.block_on(running::start(&settings)).map_err(failed("The server did not start"))?;
        let (items, address) = (commune.items(), running.address);
        let publish = running.door().writer.act(move |office| office.publish(&items, machine::moment()));
        runtime.block_on(publish).map_err(failed("The commune could not be published"))?;
        Ok(Self { runtime, running: Some(running), address })
    }

    /// Publishes more for every phone.
    pub fn publish(&self, items: Vec<DirectoryItem>) -> Told<()> {
        let publish = self.running()?.door().writer.act(move |office| office.publish(&items, machine::moment()));
        self.runtime.block_on(publish).map_err(failed("The items could not be published"))
    }

    /// Announces the file of a ceremony.
    pub fn announce(&self, bytes: Vec<u8>) -> Told<()> {
        let door = self.running()?.door();
        let desk = Desk { address: String::new(), boxes: Arc::clone(&door.boxes) };
        let asked = Asked::Round(RoundAsked::Announce { bytes, operators: Vec::new() });
        let announce = door.writer.act(move |office| Ok(desk::answer(office, &desk, &asked)));
        match self.runtime.block_on(announce).map_err(failed("The round could not be announced"))? {
            desk::Told::Round(RoundTold::Done(_)) => Ok(()),
            other => Err(format!("The round was not announced: {other:?}")),
        }
    }

    /// Makes a one-time code for a cadre; phones find the server at this address.
    pub fn code_for(&self, person: PersonId, address: SocketAddr) -> Told<String> {
        let code: [u8; CODE_BYTES] = machine::random();
        let server = self.running()?.identity;
        let keep = self.running()?.door().writer.act(move |office| {
            enrolment::keep_code(office.reader(), &code, (person, Role::Subject), machine::now_ms())
        });
        self.runtime.block_on(keep).map_err(failed("No code could be made"))?;
        Ok(EnrolmentCode { address: format!("https://{address}"), server, code }.to_string())
    }

    /// Compares the four words with those on the phone and lets the device in.
    pub fn approve(&self, words: &[String]) -> Told<()> {
        let server = self.running()?.identity;
        let words = words.to_vec();
        let approve = self.running()?.door().writer.act(move |office| {
            for applicant in enrolment::waiting(office.reader())? {
                if applicant.words(&server).iter().eq(words.iter()) {
                    let device = model::entry::device_id(&applicant.key);
                    return enrolment::approve(office, (device, &applicant.nonce), machine::moment());
                }
            }
            Ok(None)
        });
        let approved = self.runtime.block_on(approve).map_err(failed("The device could not be let in"))?;
        approved.map(|_| ()).ok_or_else(|| "No device waits with these four words.".to_owned())
    }

    /// Lets a phone read what others write, as the head of their unit.
    pub fn let_read(&self, (key, person): (PublicKey, PersonId), authors: &[PersonId]) -> Told<()> {
        let authors = authors.to_vec();
        let act = self.running()?.door().writer.act(move |office| {
            let spaces: Vec<SpaceId> = authors.iter().map(|author| office.space_of(*author)).collect();
            let now = machine::moment();
            let grant = Grant { key: Some(key), person, role: Some(Role::Head), claimed_ms: now.now_ms };
            office.act(&spaces, &grant, now)
        });
        self.runtime.block_on(act).map(|_| ()).map_err(failed("The reader could not be let in"))
    }

    /// One page or file of the office, as a browser gets it.
    pub fn page(&self, path: &str) -> Told<String> {
        let address = format!("http://{}{path}", self.address);
        let fetch = async move {
            let answer = plain_client().get(address).send().await?.error_for_status()?;
            answer.text().await
        };
        self.runtime.block_on(fetch).map_err(failed("The report page could not be read"))
    }

    /// Stops the server: everything that was answered is on disk.
    pub fn close(mut self) -> Told<()> {
        let running = self.running.take().ok_or("the server has stopped")?;
        self.runtime.block_on(running.stop()).map_err(failed("The server did not stop cleanly"))
    }

    fn running(&self) -> Told<&Running> {
        self.running.as_ref().ok_or_else(|| "The server has stopped.".to_owned())
    }
}
