//! Plays a script step by step, at the pace of people.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{
    domain::safe_text::SafeText,
    store::Store,
    tui::{
        key::Key,
        tour::{
            Audience, Flow, Integration, Script, Set, TourError,
            calls::CallLine,
            script::{Call, Step, What},
            stage::Stage,
        },
        update::after,
    },
};

/// Time before each of the letters of a text, in milliseconds, over and over: people do not type evenly.
const TYPING: [i64; 7] = [150, 110, 185, 125, 165, 105, 140];
/// Time before a key is pressed.
const PRESSING: SignedDuration = SignedDuration::from_millis(500);
/// Longest wait for a text.
const WAITING: SignedDuration = SignedDuration::from_secs(120);
/// Time between the sight of a call and its answer.
const CALLING: SignedDuration = SignedDuration::from_millis(600);

/// Plays a script before an audience; whether it came to its end, and how long it lasts.
///
/// # Errors
/// When the script does not fit the console, or something broke.
pub async fn play<S: Store, I: Integration, A: Audience>(
    script: &Script,
    set: Set<S, I>,
    audience: &mut A,
) -> Result<(Flow, Duration), TourError> {
    let stage = Stage::open(&set, script.operator.clone(), (script.width, script.height)).await?;
    let (began, integration) = (stage.now(), set.integration);
    let mut player = Player { stage, integration, audience, began };
    for step in &script.steps {
        if player.step(step).await? == Flow::Left {
            return Ok((Flow::Left, player.age()));
        }
    }
    player.show()?;
    Ok((Flow::On, player.age()))
}

struct Player<'a, S, I, A> {
    stage: Stage<S>,
    integration: I,
    audience: &'a mut A,
    began: Timestamp,
}

impl<S: Store, I: Integration, A: Audience> Player<'_, S, I, A> {
    async fn step(&mut self, step: &Step) -> Result<Flow, TourError> {
        match &step.what {
            What::Caption(text) => {
                self.stage.bar.caption.clone_from(text);
                self.stage.touch();
                Ok(Flow::On)
            }
            What::Pause(seconds) => self.pass(SignedDuration::try_from_secs_f64(*seconds).unwrap_or_default()).await,
            What::Press(keys) => {
                for key in keys {
                    if self.press(*key, PRESSING, false, step.line).await? == Flow::Left {
                        return Ok(Flow::Left);
                    }
                }
                Ok(Flow::On)
            }
            What::Type(text) => {
                for (letter, pause) in text.chars().zip(TYPING.into_iter().cycle()) {
                    let pause = SignedDuration::from_millis(pause);
                    if self.press(Key::Char(letter), pause, true, step.line).await? == Flow::Left {
                        return Ok(Flow::Left);
                    }
                }
                Ok(Flow::On)
            }
            What::WaitFor(text) => self.wait_for(text, step.line).await,
            What::Call(call) => self.call(*call, step.line).await,
        }
    }

    async fn press(&mut self, key: Key, pause: SignedDuration, typing: bool, line: usize) -> Result<Flow, TourError> {
        if self.pass(pause).await? == Flow::Left {
            return Ok(Flow::Left);
        }
        if !self.stage.press(key, typing).await? {
            return Err(TourError::Left { line });
        }
        self.show()?;
        Ok(Flow::On)
    }

    async fn wait_for(&mut self, text: &str, line: usize) -> Result<Flow, TourError> {
        let until = after(self.stage.now(), WAITING);
        loop {
            let picture = self.stage.picture();
            if picture.has(text) {
                return Ok(Flow::On);
            }
            if self.stage.now() >= until {
                let (text, within) = (text.to_owned(), WAITING.as_secs());
                return Err(TourError::NotSeen { line, text, within, screen: picture.lines() });
            }
            if self.pass_to(until.min(self.stage.next_change())).await? == Flow::Left {
                return Ok(Flow::Left);
            }
        }
    }

    async fn call(&mut self, call: Call, line: usize) -> Result<Flow, TourError> {
        let (at, request) = (self.stage.now(), self.integration.request(call));
        let calls = &mut self.stage.calls;
        calls.who = SafeText::new(self.integration.name());
        calls.shown = true;
        calls.lines.push(CallLine { at, request, answer: None });
        self.stage.touch();
        if self.pass(CALLING).await? == Flow::Left {
            return Ok(Flow::Left);
        }
        let answer = self.integration.call(call).await.map_err(|problem| TourError::Call { line, problem })?;
        if let Some(last) = self.stage.calls.lines.last_mut() {
            last.answer = Some(answer);
        }
        self.stage.touch();
        self.show()?;
        Ok(Flow::On)
    }

    /// Lets so much time pass.
    async fn pass(&mut self, span: SignedDuration) -> Result<Flow, TourError> {
        let until = after(self.stage.now(), span);
        while self.stage.now() < until {
            if self.pass_to(until.min(self.stage.next_change())).await? == Flow::Left {
                return Ok(Flow::Left);
            }
        }
        Ok(Flow::On)
    }

    /// Lets time pass up to a moment before which nothing happens.
    async fn pass_to(&mut self, until: Timestamp) -> Result<Flow, TourError> {
        self.show()?;
        if self.audience.wait(self.age_at(until)).await? == Flow::Left {
            return Ok(Flow::Left);
        }
        self.stage.pass(until).await?;
        Ok(Flow::On)
    }

    fn show(&mut self) -> Result<(), TourError> {
        if let Some(picture) = self.stage.changed() {
            self.audience.show(self.age(), &picture)?;
        }
        Ok(())
    }

    fn age(&self) -> Duration {
        self.age_at(self.stage.now())
    }

    fn age_at(&self, at: Timestamp) -> Duration {
        at.duration_since(self.began).unsigned_abs()
    }
}
