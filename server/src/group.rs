//! Many exchanges under one commit: each may fail alone.

use model::exchange::Reply;
use model::identity::DeviceId;

use crate::failure::ServerFailed;
use crate::prepared::Prepared;
use crate::serve::Serving;

impl Serving<'_> {
    /// One exchange of a group. A full disk makes the engine roll back the whole transaction at once; then nobody of
    /// the group is answered, and all come again.
    pub(crate) fn within_group(
        &mut self,
        device: DeviceId,
        prepared: &Prepared,
    ) -> Result<Result<Reply, ServerFailed>, ServerFailed> {
        let reply = self.apart(device, prepared);
        match self.connection.is_autocommit() {
            true => Err(reply.err().unwrap_or(ServerFailed::Interrupted)),
            false => Ok(reply),
        }
    }

    /// One exchange of a group; its failure takes nothing of the others away.
    fn apart(&mut self, device: DeviceId, prepared: &Prepared) -> Result<Reply, ServerFailed> {
        self.connection.execute_batch("savepoint request")?;
        let (granted, moved) = (self.granted.len(), self.moved.len());
        let reply = self.exchange(device, prepared);
        if let Err(failed) = &reply {
            self.granted.truncate(granted);
            self.moved.truncate(moved);
            self.published.clear();
            self.memory.clear();
            self.connection.execute_batch("rollback to request").map_err(|_| failed.clone())?;
        }
        self.connection.execute_batch("release request")?;
        reply
    }
}
