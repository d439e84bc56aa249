//! Hashing passwords for many at once: as many as there are cores, a short queue, and no more.
//!
//! One hash takes 19 MiB and 20 ms of a core. Without a bound, whoever sends two hundred sign-ins
//! at the same moment takes four gigabytes.

use std::{
    fmt,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::service::password_hash::{self, Memory};

/// Most who wait for their turn. At 20 ms a hash nobody waits longer than a few seconds.
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

/// Where passwords are hashed: a thread for each core, which keeps its memory and takes the next
/// password as soon as it is done with one. Clones share them.
#[derive(Clone)]
pub struct Hashing {
    /// Those who work or wait.
    places: Arc<Semaphore>,
    cores: usize,
    /// The way to the threads, which are there from the first password on.
    jobs: Arc<Mutex<Option<Sender<Job>>>>,
}

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

impl fmt::Debug for Hashing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hashing").finish_non_exhaustive()
    }
}

impl Default for Hashing {
    fn default() -> Self {
        Self::new(thread::available_parallelism().map_or(1, NonZero::get), QUEUE)
    }
}

impl Hashing {
    /// So many at once, and so many who wait.
    #[must_use]
    pub fn new(cores: usize, queue: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(cores + queue)), cores, jobs: Arc::default() }
    }

    /// A place to hash or compare at. Whoever counts or writes something takes it before that: what
    /// is refused here was not begun.
    ///
    /// # Errors
    /// When too many wait.
    pub fn place(&self) -> Result<Place, NotHashed> {
        let held = Arc::clone(&self.places).try_acquire_owned().map_err(|_| NotHashed::Busy)?;
        Ok(Place { hashing: self.clone(), held: Arc::new(held) })
    }
}

/// A place among those who work or wait, until it is dropped and its work is done.
pub struct Place {
    hashing: Hashing,
    held: Arc<OwnedSemaphorePermit>,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

impl Place {
    /// Whether `password` is the one behind `stored`. Without a stored hash the answer is no, and
    /// takes as long.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub async fn fits(&self, password: &SecretString, stored: Option<&SecretString>) -> Result<bool, NotHashed> {
        let (password, stored) = (password.clone(), stored.cloned());
        self.work(move |memory| {
            let stored = stored.as_ref().map_or(DUMMY, |stored| stored.expose_secret());
            password_hash::fits(memory, password.expose_secret(), stored)
        })
        .await
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// When there is no memory.
    pub async fn hash(&self, password: &SecretString, salt: [u8; 16]) -> Result<SecretString, NotHashed> {
        let password = password.clone();
        let hash = self.work(move |memory| password_hash::hash(memory, password.expose_secret(), salt)).await?;
        hash.map(SecretString::from).map_err(|_| NotHashed::Failed)
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, NotHashed> {
        let (tell, told) = oneshot::channel();
        // The place goes with the work: somebody who no longer waits for it does not free it.
        let held = Arc::clone(&self.held);
        let job = move |memory: &mut Memory| {
            let done = work(memory);
            drop(held);
            // Nobody may wait for it any more.
            let _ = tell.send(done);
        };
        self.hashing.hand_over(Box::new(job))?;
        told.await.map_err(|_| NotHashed::Failed)
    }
}

impl Hashing {
    /// Hands a job to the threads, which end when nobody can hand over any more.
    fn hand_over(&self, job: Job) -> Result<(), NotHashed> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let way = match jobs.take() {
            Some(way) => way,
            None => start(self.cores)?,
        };
        let handed = way.send(job);
        *jobs = Some(way);
        handed.map_err(|_| NotHashed::Failed)
    }
}

/// Starts the threads.
fn start(threads: usize) -> Result<Sender<Job>, NotHashed> {
    let (way, jobs) = mpsc::channel();
    let jobs = Arc::new(Mutex::new(jobs));
    for _ in 0..threads {
        let jobs = Arc::clone(&jobs);
        let thread = thread::Builder::new().name("hashing".to_owned());
        thread.spawn(move || work_off(&jobs)).map_err(|_| NotHashed::Failed)?;
    }
    Ok(way)
}

fn work_off(jobs: &Mutex<Receiver<Job>>) {
    let mut memory = Memory::default();
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(job) = next() {
        // No password is known to make a library panic. If there is one, it costs its own answer and
        // not a thread.
        if catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
            memory = Memory::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    #[tokio::test]
    async fn nobody_has_no_password() {
        let place = Hashing::new(1, 1).place().unwrap();
        let password = SecretString::from("vivid7");
        let stored = place.hash(&password, [7; 16]).await.unwrap();
        assert_eq!(place.fits(&password, Some(&stored)).await, Ok(true));
        assert_eq!(place.fits(&"vivid8".into(), Some(&stored)).await, Ok(false));
        assert_eq!(place.fits(&password, None).await, Ok(false));
    }

    #[tokio::test]
    async fn beyond_the_queue_is_said_so_at_once() {
        let hashing = Hashing::new(1, 2);
        let password = SecretString::from("vivid7");
        let one = async || hashing.place()?.fits(&password, None).await;
        let answers = join_all((0..8).map(|_| one())).await;
        assert_eq!(answers.iter().filter(|answer| **answer == Err(NotHashed::Busy)).count(), 5);
        assert_eq!(one().await, Ok(false), "places are given back");
    }

    #[tokio::test]
    async fn a_panic_costs_an_answer_and_no_thread() {
        let hashing = Hashing::new(1, 2);
        let broken: Result<(), NotHashed> = hashing.place().unwrap().work(|_| panic!("a library gave up")).await;
        assert_eq!(broken, Err(NotHashed::Failed));
        assert_eq!(hashing.place().unwrap().fits(&"vivid7".into(), None).await, Ok(false));
        assert_eq!(hashing.places.available_permits(), 3, "and no place");
    }
}
