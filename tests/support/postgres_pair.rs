//! A server, and another that confirms each of its commits and can take its place.

use std::process::Command;

use super::{
    Database, OWNER, PORT, Server,
    programs::{as_server, newest, run},
    until, url,
};

/// Two servers; a commit is answered when both have it.
pub struct Pair {
    pub primary: Server,
    pub standby: Server,
}

impl Pair {
    pub fn make() -> Self {
        // So much is kept for a standby that was away.
        let primary = Server::with(&["wal_keep_size=256MB"]);
        let standby = Server::empty(PORT, &["wal_keep_size=256MB"]);
        let copy = ["--wal-method=stream", "--checkpoint=fast", "--write-recovery-conf", "--no-sync"];
        let mut backup = Command::new(newest().1.join("pg_basebackup"));
        run(as_server(&mut backup)
            .args(copy)
            .args(["-U", OWNER, "-h"])
            .arg(primary.folder())
            .arg("-D")
            .arg(standby.data()));
        standby.start();
        // Only now: without a standby nothing would be answered. Not for the copy: it must be able
        // to go on alone.
        primary.psql("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
        primary.psql("postgres", "SELECT pg_reload_conf()");
        let pair = Self { primary, standby };
        pair.await_standby();
        pair
    }

    /// Waits until commits wait for the standby.
    pub fn await_standby(&self) {
        let sql = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'";
        until("the standby confirms commits", || self.primary.psql("postgres", sql) == "1");
    }

    /// Waits until the standby shows all that was committed so far.
    pub fn catch_up(&self) {
        let end = self.primary.psql("postgres", "SELECT pg_current_wal_lsn()");
        let sql = format!("SELECT pg_last_wal_replay_lsn() >= '{end}'");
        until("the standby shows what was committed", || self.standby.psql("postgres", &sql) == "t");
    }

    pub fn kill_primary(&self) {
        self.primary.kill9();
    }

    /// Makes the standby a server that writes, and answers commits alone.
    pub fn promote_standby(&self) {
        assert_eq!(self.standby.psql("postgres", "SELECT pg_promote()"), "t");
    }

    /// Names both servers, first the one that was the primary.
    pub fn url(&self, database: &Database<'_>) -> String {
        url(&[self.primary.folder(), self.standby.folder()], PORT, &database.name)
    }
}
