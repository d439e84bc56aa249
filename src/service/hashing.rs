//! Hashing passwords for many at once: as many as there are cores, a short queue, and no more.
//!
//! One hash takes 19 MiB and 30 ms of a core. Without a bound, whoever sends two hundred sign-ins
//! at the same moment takes four gigabytes. The threads are always the same few, and each
//! keeps its memory for the next password.

use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Semaphore, oneshot};

use crate::service::password_hash::Memory;

/// Most who wait for their turn. At 30 ms a hash nobody waits longer than a few seconds.
pub const QUEUE: usize = 64;

/// What a password is compared with where there is none, so that it takes as long: a salt, and 32
/// zeros where no password's hash would be.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$a2V5ZGVzayBub2JvZHkgIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a password was neither hashed nor compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHashed {
    /// Too many wait already.
    #[error("Too many people sign in at this moment. Nothing was done; try again in a few seconds.")]
    Busy,
    /// There was no memory for it.
    #[error("The password could not be hashed. Nothing was done; try again.")]
    Failed,
}

/// Where passwords are hashed. Clones share its places.
#[derive(Clone, Debug)]
pub struct Hashing {
    cores: usize,
    /// Of those who work or wait.
    places: Arc<Semaphore>,
    /// Where work is handed in; its threads begin with the first.
    desk: Arc<OnceLock<Sender<Work>>>,
}

type Work = Box<dyn FnOnce(&mut Memory) + Send>;

impl Default for Hashing {
    fn default() -> Self {
        Self::new(thread::available_parallelism().map_or(1, NonZero::get), QUEUE)
    }
}

impl Hashing {
    /// So many at once, and so many who wait.
    #[must_use]
    pub fn new(cores: usize, queue: usize) -> Self {
        Self { cores, places: Arc::new(Semaphore::new(cores + queue)), desk: Arc::default() }
    }

    /// Whether `password` is the one behind `stored`. Without a stored hash the answer is no, and
    /// takes as long.
    ///
    /// # Errors
    /// When too many wait.
    pub async fn fits(&self, password: &SecretString, stored: Option<&SecretString>) -> Result<bool, NotHashed> {
        let (password, stored) = (password.clone(), stored.cloned());
        self.work(move |memory| match stored {
            Some(stored) => memory.fits(password.expose_secret(), stored.expose_secret()),
            None => memory.fits(password.expose_secret(), DUMMY),
        })
        .await
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// When too many wait, or there is no memory.
    pub async fn hash(&self, password: &SecretString, salt: [u8; 16]) -> Result<SecretString, NotHashed> {
        let password = password.clone();
        let hash = self.work(move |memory| memory.hash(password.expose_secret(), salt)).await?;
        hash.map(SecretString::from).map_err(|_| NotHashed::Failed)
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, NotHashed> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| NotHashed::Busy)?;
        let (tell, told) = oneshot::channel();
        let work = move |memory: &mut Memory| {
            let done = work(memory);
            // The place goes with the work itself: somebody who no longer waits for it does not free it.
            drop(place);
            drop(tell.send(done));
        };
        let desk = self.desk.get_or_init(|| open_desk(self.cores));
        desk.send(Box::new(work)).map_err(|_| NotHashed::Failed)?;
        told.await.map_err(|_| NotHashed::Failed)
    }
}

/// Begins the threads, which end with the last who could hand work in.
fn open_desk(threads: usize) -> Sender<Work> {
    let (desk, handed_in) = channel();
    let handed_in = Arc::new(Mutex::new(handed_in));
    for _ in 0..threads {
        let handed_in = Arc::clone(&handed_in);
        // Where there is none at all, whoever hands in work is told.
        let _ = thread::Builder::new().name("hashing".to_owned()).spawn(move || work_through(&handed_in));
    }
    desk
}

fn work_through(handed_in: &Mutex<Receiver<Work>>) {
    let mut memory = Memory::default();
    loop {
        let next = handed_in.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        // Work that breaks tells nobody its end; the thread goes on.
        let _ = catch_unwind(AssertUnwindSafe(|| work(&mut memory)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    #[tokio::test]
    async fn nobody_has_no_password() {
        let hashing = Hashing::new(1, 1);
        let password = SecretString::from("vivid7");
        let stored = hashing.hash(&password, [7; 16]).await.unwrap();
        assert_eq!(hashing.fits(&password, Some(&stored)).await, Ok(true));
        assert_eq!(hashing.fits(&"vivid8".into(), Some(&stored)).await, Ok(false));
        assert_eq!(hashing.fits(&password, None).await, Ok(false));
    }

    #[tokio::test]
    async fn beyond_the_queue_is_said_so_at_once() {
        let hashing = Hashing::new(1, 2);
        let password = SecretString::from("vivid7");
        let answers = join_all((0..8).map(|_| hashing.fits(&password, None))).await;
        assert_eq!(answers.iter().filter(|answer| **answer == Err(NotHashed::Busy)).count(), 5);
        assert_eq!(hashing.fits(&password, None).await, Ok(false), "places are given back");
    }
}
