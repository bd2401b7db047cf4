//! `POST /v1/enrol` and `GET /v1/enrolment`: a phone asks to be let in, and asks again until the office has compared.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response};
use model::door::DoorRefused;
use model::enrolment::{Enrolment, EnrolmentRequest};

use crate::door::{Door, TurnedAway, message};
use crate::limits::SMALL_BODY_BYTES_MAX;
use crate::{enrolment, machine};

/// Uses a one-time code up.
pub async fn enrol(State(door): State<Arc<Door>>, request: Request<Body>) -> Result<Response<Body>, TurnedAway> {
    let (body, _room) = door.body(request, SMALL_BODY_BYTES_MAX, &door.bodies).await?;
    let request: EnrolmentRequest = minicbor::decode(&body).map_err(|_| DoorRefused::Unreadable)?;
    let taken = door.writer.act(move |office| enrolment::enrol(office, &request, machine::now_ms())).await?;
    Ok(answer(&taken.ok_or(DoorRefused::CodeNotGood)?))
}

/// Where the enrolment of the session's device stands.
pub async fn enrolment(State(door): State<Arc<Door>>, head: HeaderMap) -> Result<Response<Body>, TurnedAway> {
    let device = door.device(&head)?;
    let state = door.writer.act(move |office| enrolment::state(office, device)).await?;
    Ok(answer(&state.ok_or(DoorRefused::UnknownDevice)?))
}

fn answer(enrolment: &Enrolment) -> Response<Body> {
    message(minicbor::to_vec(enrolment).expect("writing to memory cannot fail"))
}
