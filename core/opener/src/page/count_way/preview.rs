//! Everything that will be published, number by number, from the published count alone, and the paper beside it.

use model::ballot::Asked;
use model::publication::slices::{HIDDEN_SENTENCE, Slices};
use model::publication::{PublishedQuestion, PublishedTally};
use model::round::template::Side;
use model::round::{AreaNumber, RoundDefinition};

use super::Turned;
use super::screens::kinds;
use crate::page::screen::{Row, number};

/// The rows of the page before signing.
pub(super) fn rows(turned: &Turned, published: &PublishedTally) -> Vec<Row> {
    let round = turned.count.round();
    let asked: Vec<Asked<'_>> = round.asked().collect();
    let mut rows = paper(turned, published);
    rows.extend(kinds(published.kinds));
    rows.extend(
        published
            .overfull
            .iter()
            .map(|number| Row::sentence(&format!("{}: thu về nhiều hơn phát ra.", area_name(round, *number)))),
    );
    if round.shows_areas {
        rows.push(Row::heading("Tham gia theo khu vực: thu về / chưa về"));
        rows.extend(slices(round, &published.participation));
    }
    for question in &published.questions {
        if let Some(asked) = asked.get(usize::from(question.question)) {
            rows.extend(of_question(round, asked, question));
        }
    }
    rows
}

fn paper(turned: &Turned, published: &PublishedTally) -> Vec<Row> {
    vec![
        Row::whole("Lá thăm đã in", turned.count.round().slips()),
        Row::part("Phát ra, theo sổ", published.issued),
        Row::part("Chưa phát, đếm trên bàn", turned.paper.unused),
        Row::part("Hỏng, đếm trên bàn", turned.paper.spoiled),
        Row::whole("Cuống trắng trong túi, đếm trên bàn", turned.paper.stubs),
    ]
}

fn of_question(round: &RoundDefinition, asked: &Asked<'_>, question: &PublishedQuestion) -> Vec<Row> {
    let options = asked.question.options();
    let name = asked.subject.map_or(&asked.question.label, |subject| &subject.name);
    let mut rows = vec![Row::heading(name)];
    if question.total.is_empty() {
        rows.push(Row::sentence(HIDDEN_SENTENCE));
    }
    for cell in &question.total {
        let labels: Vec<&str> =
            cell.options.iter().map(|option| options[usize::from(*option)].label.as_str()).collect();
        let joined = if cell.is_joined() {
            format!(" (gộp, trong đó một mức dưới {})", round.side_min)
        } else {
            String::new()
        };
        rows.push(Row::part(&format!("{}{joined}", labels.join(" + ")), cell.count));
    }
    let has_outside = options.iter().any(|option| option.side == Side::Outside);
    let outside = if has_outside { "Không biết hoặc để trống" } else { "Để trống" };
    rows.push(Row::part(outside, question.outside));
    if round.shows_areas {
        rows.push(Row::sentence("Theo khu vực: các mức thuận / các mức còn lại"));
        rows.extend(slices(round, &question.areas));
    }
    rows
}

/// A hidden area has its sentence and no number.
fn slices(round: &RoundDefinition, slices: &Slices) -> Vec<Row> {
    let row = |area: &model::round::area::Area| match slices.shown.iter().find(|shown| shown.area == area.number) {
        Some(shown) => {
            let [one, other] = shown.cells.map(number);
            Row::pair(&area.name, &format!("{one} / {other}"))
        }
        None => Row::sentence(&format!("{}: {HIDDEN_SENTENCE}", area.name)),
    };
    round.areas.iter().map(row).collect()
}

fn area_name(round: &RoundDefinition, number: AreaNumber) -> &str {
    round.areas.iter().find(|area| area.number == number).map(|area| area.name.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::RoundPlan;
    use crate::rehearsal_tests::PLAN;

    /// A42.
    #[test]
    fn a_hidden_area_is_previewed_as_its_sentence() {
        let round = RoundPlan::read(PLAN.as_bytes()).unwrap().check().unwrap();
        let hidden = round.areas.iter().map(|area| area.number).collect();
        let rows = slices(&round, &Slices { shown: Vec::new(), hidden });
        assert!(rows.iter().all(|row| row.label.ends_with(HIDDEN_SENTENCE) && row.count.is_empty()));
        assert_eq!(rows.len(), 2);
    }
}
