//! Finding a person by what an operator types: the id, or the name with or without tone marks.

use std::collections::BTreeMap;

use model::cadre::Cadre;
use model::directory::ItemKind;
use model::identity::PersonId;
use model::text::folded;
use rusqlite::Connection;

use crate::failure::ServerFailed;
use crate::log;

/// Who is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Meant {
    /// Exactly one.
    One(PersonId),
    /// Nobody in the directory has this name.
    Nobody,
    /// More than one has it; the id says which.
    Several(Vec<PersonId>),
}

/// Who is meant by an id or a name. An id need not be in the directory yet.
pub fn find(connection: &Connection, typed: &str) -> Result<Meant, ServerFailed> {
    if let Ok(person) = PersonId::parse(typed.trim()) {
        return Ok(Meant::One(person));
    }
    let (exact, wanted) = (typed.trim(), folded(typed.trim()));
    let cadres = cadres(connection)?;
    let with = |is_meant: &dyn Fn(&Cadre) -> bool| -> Vec<PersonId> {
        cadres.iter().filter(|cadre| is_meant(cadre)).map(|cadre| cadre.id).collect()
    };
    let mut found = with(&|cadre| cadre.full_name == exact);
    if found.is_empty() {
        found = with(&|cadre| folded(&cadre.full_name) == wanted);
    }
    Ok(match found.as_slice() {
        [] => Meant::Nobody,
        [one] => Meant::One(*one),
        _ => Meant::Several(found),
    })
}

/// What the directory calls somebody; empty for somebody it does not know.
pub fn name_of(connection: &Connection, person: PersonId) -> Result<String, ServerFailed> {
    let found = cadres(connection)?.into_iter().find(|cadre| cadre.id == person);
    Ok(found.map(|cadre| cadre.full_name).unwrap_or_default())
}

/// Everybody in the directory.
pub fn names(connection: &Connection) -> Result<BTreeMap<PersonId, String>, ServerFailed> {
    Ok(cadres(connection)?.into_iter().map(|cadre| (cadre.id, cadre.full_name)).collect())
}

fn cadres(connection: &Connection) -> Result<Vec<Cadre>, ServerFailed> {
    #[derive(serde::Deserialize)]
    struct Listed {
        cadre: Cadre,
    }
    let bodies = log::directory_bodies(connection, ItemKind::Cadre.word())?;
    // What a newer office wrote in another form is not offered here; its id still works.
    Ok(bodies.iter().filter_map(|body| serde_json::from_str::<Listed>(body).ok()).map(|listed| listed.cadre).collect())
}
