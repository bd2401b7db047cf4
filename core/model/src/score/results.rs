//! What a form comes to, as a level is found from it.

use crate::ratio::Ratio;
use crate::rule_set::Post;
use crate::rule_set::condition::Measure;
use crate::score::Score;
use crate::score::duty::LedUnits;
use crate::task::TaskCounts;

/// What a form comes to: points where the law counts them, and the work itself, on which it may set conditions.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct Results {
    /// The kind of post, whose thresholds and conditions hold.
    pub post: Post,
    /// The points; none under a law without points.
    pub score: Option<Score>,
    /// The tasks, counted.
    pub tasks: TaskCounts,
    /// The led units; none of somebody who leads none, and none where no form asks.
    pub units: Option<LedUnits>,
}

impl Results {
    /// The share that a condition is about; none while there is no task line, and none of units that nobody named.
    pub fn share(&self, measure: Measure) -> Option<Ratio> {
        let of_tasks = |count: u32| Ratio::of(u64::from(count), u64::from(self.tasks.assigned));
        match measure {
            Measure::Done => of_tasks(self.tasks.done),
            Measure::AsRequired => of_tasks(self.tasks.as_required),
            Measure::Exceeded => of_tasks(self.tasks.exceeded),
            Measure::Late => of_tasks(self.tasks.late),
            Measure::UnitsCompleted => self.units.map(|units| units.share(units.completed)),
            Measure::UnitsGood => self.units.map(|units| units.share(units.good)),
        }
    }
}
