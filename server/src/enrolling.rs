//! `POST /v1/enrol` and `GET /v1/enrolment`: a phone asks to be let in, and asks again until the office has compared.
//! Every answer but a refusal is signed with the server's identity key.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response};
use model::door::DoorRefused;
use model::enrolment::{ENROLMENT_VERSION, Enrolment, EnrolmentRequest};
use model::entry::device_id;

use crate::door::{Door, TurnedAway, message};
use crate::exchanging::signed;
use crate::limits::SMALL_BODY_BYTES_MAX;
use crate::{enrolment, machine};

/// Uses a one-time code up.
pub async fn enrol(State(door): State<Arc<Door>>, request: Request<Body>) -> Result<Response<Body>, TurnedAway> {
    let (body, _room) = door.body(request, SMALL_BODY_BYTES_MAX, &door.bodies).await?;
    let request: EnrolmentRequest = minicbor::decode(&body).map_err(|_| DoorRefused::Unreadable)?;
    if request.version != Some(ENROLMENT_VERSION) {
        return Err(DoorRefused::OtherVersion.into());
    }
    let taken = door.writer.act(move |office| enrolment::enrol(office, &request, machine::now_ms())).await?;
    Ok(answer(&door, &body, &taken.ok_or(DoorRefused::CodeNotGood)?))
}

/// Where the enrolment of the session's device stands.
pub async fn enrolment(State(door): State<Arc<Door>>, head: HeaderMap) -> Result<Response<Body>, TurnedAway> {
    let key = door.key(&head)?;
    let state = door.writer.act(move |office| enrolment::state(office, device_id(&key))).await?;
    Ok(answer(&door, key.as_bytes(), &state.ok_or(DoorRefused::UnknownDevice)?))
}

fn answer(door: &Door, asked: &[u8], enrolment: &Enrolment) -> Response<Body> {
    let bytes = minicbor::to_vec(enrolment).expect("writing to memory cannot fail");
    let signature = door.sessions.sign_answer(asked, &bytes);
    signed(message(bytes), &signature)
}
