//! A queue of work on many films: what waits, runs, is done, failed or was cancelled. Pure: threads are the window's.
//!
//! ```text
//! waiting → running → done
//!    ↑         ├→ failed ─┐
//!    │         └→ cancelled (waiting films are cancelled at once)
//!    └──────── retry ─────┘
//! ```

/// Number of an item; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemId(u64);

/// Where an item stands.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemState {
    Waiting,
    Running {
        /// What is being done, in a few words.
        stage: String,
        /// 0–1, never falling within an attempt.
        fraction: f32,
        /// Asked to stop, and not stopped yet.
        cancelling: bool,
    },
    Done,
    Failed {
        reason: String,
    },
    Cancelled,
}

/// One piece of work.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<T> {
    pub id: ItemId,
    pub work: T,
    pub state: ItemState,
    /// How often it was begun.
    pub attempts: u32,
}

/// How many there are of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub waiting: usize,
    pub running: usize,
    pub done: usize,
    pub failed: usize,
    pub cancelled: usize,
}

/// Items in the order in which they were added. Answers that come late (of an item that is gone, or no longer runs)
/// change nothing.
#[derive(Debug, Clone)]
pub struct Queue<T> {
    items: Vec<Item<T>>,
    next: u64,
    /// How many may run at once.
    parallel: usize,
}

impl<T> Queue<T> {
    /// At least one runs at a time.
    pub fn new(parallel: usize) -> Queue<T> {
        Queue { items: Vec::new(), next: 0, parallel: parallel.max(1) }
    }

    pub fn push(&mut self, work: T) -> ItemId {
        let id = ItemId(self.next);
        self.next += 1;
        self.items.push(Item { id, work, state: ItemState::Waiting, attempts: 0 });
        id
    }

    pub fn items(&self) -> &[Item<T>] {
        &self.items
    }

    pub fn get(&self, id: ItemId) -> Option<&Item<T>> {
        self.items.iter().find(|item| item.id == id)
    }

    /// Begins the next item that waits, where one more may run.
    pub fn begin(&mut self) -> Option<&Item<T>> {
        if self.counts().running >= self.parallel {
            return None;
        }
        let item = self.items.iter_mut().find(|item| item.state == ItemState::Waiting)?;
        item.attempts += 1;
        item.state = ItemState::Running { stage: String::new(), fraction: 0.0, cancelling: false };
        Some(item)
    }

    /// What a running item has come to.
    pub fn progress(&mut self, id: ItemId, stage: &str, fraction: f32) {
        if let Some(ItemState::Running { stage: now, fraction: so_far, .. }) = self.state_mut(id) {
            stage.clone_into(now);
            *so_far = so_far.max(fraction.clamp(0.0, 1.0));
        }
    }

    /// A running item ended: done, or failed for a reason. One that was asked to stop and failed counts as cancelled; one
    /// that was done before it heard is done.
    pub fn finish(&mut self, id: ItemId, outcome: Result<(), String>) {
        let Some(state) = self.state_mut(id) else { return };
        let ItemState::Running { cancelling, .. } = state else { return };
        *state = match outcome {
            Ok(()) => ItemState::Done,
            Err(_) if *cancelling => ItemState::Cancelled,
            Err(reason) => ItemState::Failed { reason },
        };
    }

    /// Cancels an item that waits; asks a running one to stop, and answers whether its job is to be told.
    pub fn cancel(&mut self, id: ItemId) -> bool {
        match self.state_mut(id) {
            Some(state @ ItemState::Waiting) => {
                *state = ItemState::Cancelled;
                false
            }
            Some(ItemState::Running { cancelling, .. }) => !std::mem::replace(cancelling, true),
            _ => false,
        }
    }

    /// Cancels everything; the running items whose jobs are to be told.
    pub fn cancel_all(&mut self) -> Vec<ItemId> {
        let ids: Vec<ItemId> = self.items.iter().map(|item| item.id).collect();
        ids.into_iter().filter(|id| self.cancel(*id)).collect()
    }

    /// Puts an item that failed or was cancelled back among those that wait; `false` for any other.
    pub fn retry(&mut self, id: ItemId) -> bool {
        match self.state_mut(id) {
            Some(state @ (ItemState::Failed { .. } | ItemState::Cancelled)) => {
                *state = ItemState::Waiting;
                true
            }
            _ => false,
        }
    }

    /// All that failed, once more; how many.
    pub fn retry_failed(&mut self) -> usize {
        let failed: Vec<ItemId> = self.failures().map(|(item, _)| item.id).collect();
        failed.into_iter().filter(|id| self.retry(*id)).count()
    }

    /// Items that failed, with their reasons.
    pub fn failures(&self) -> impl Iterator<Item = (&Item<T>, &str)> {
        self.items.iter().filter_map(|item| match &item.state {
            ItemState::Failed { reason } => Some((item, reason.as_str())),
            _ => None,
        })
    }

    /// Forgets items that ended well or were cancelled; failures stay until they are retried.
    pub fn clear_finished(&mut self) {
        self.items.retain(|item| !matches!(item.state, ItemState::Done | ItemState::Cancelled));
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for item in &self.items {
            *match item.state {
                ItemState::Waiting => &mut counts.waiting,
                ItemState::Running { .. } => &mut counts.running,
                ItemState::Done => &mut counts.done,
                ItemState::Failed { .. } => &mut counts.failed,
                ItemState::Cancelled => &mut counts.cancelled,
            } += 1;
        }
        counts
    }

    /// Share of the work that is behind, 0–1, cancelled items aside; 1 for an empty queue.
    pub fn fraction(&self) -> f32 {
        let share = |item: &Item<T>| match item.state {
            ItemState::Waiting => Some(0.0),
            ItemState::Running { fraction, .. } => Some(fraction),
            ItemState::Done | ItemState::Failed { .. } => Some(1.0),
            ItemState::Cancelled => None,
        };
        let shares: Vec<f32> = self.items.iter().filter_map(share).collect();
        if shares.is_empty() { 1.0 } else { shares.iter().sum::<f32>() / shares.len() as f32 }
    }

    /// Whether nothing waits or runs.
    pub fn is_idle(&self) -> bool {
        let counts = self.counts();
        counts.waiting + counts.running == 0
    }

    fn state_mut(&mut self, id: ItemId) -> Option<&mut ItemState> {
        self.items.iter_mut().find(|item| item.id == id).map(|item| &mut item.state)
    }
}
