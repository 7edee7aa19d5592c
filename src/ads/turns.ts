/**
 * How long streams are worked on before other work has its turn. What is urgent is next to nothing for each stream, and nothing
 * of it leaves the process before its turn ends; with a pause the replies of the first clients are read before the last ones
 * are sent anything. So a thousand streams have one turn.
 */
const turnMs = 10;
const urgentTurnMs = 40;

/** Something to be done once, soon. Added again before it ran, it runs once. */
type Task = () => void;

/**
 * Lets many streams be worked on without holding up what else there is to do. Endpoints go first, whatever else waits; what may
 * be large waits while enough is under way.
 */
export interface Turns {
  add(task: Task): void;
  /** Before all that was added by `add`, and however much is under way. */
  addUrgent(task: Task): void;
  remove(task: Task): void;
  /** Whether a task that may be large has to wait, for others before it or for what is under way. */
  isBusy(): boolean;
  /** Goes on at once, because less is under way. */
  go(): void;
}

/** @param isFull whether so much is under way that only urgent tasks may run. */
export function createTurns(isFull: () => boolean): Turns {
  const urgent = new Set<Task>();
  const ordinary = new Set<Task>();
  let isScheduled = false;
  let isRunning = false;

  /** @returns whether there was one to do. */
  function doNext(tasks: Set<Task>): boolean {
    for (const task of tasks) {
      tasks.delete(task);
      task();
      return true;
    }
    return false;
  }

  function schedule(): void {
    if (isScheduled || isRunning || urgent.size + ordinary.size === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      run();
    });
  }

  function run(): void {
    if (isRunning) return;
    isRunning = true;
    const began = performance.now();
    const lasts = (): number => performance.now() - began;
    while (lasts() < urgentTurnMs && doNext(urgent));
    while (lasts() < turnMs && !isFull() && doNext(urgent.size > 0 ? urgent : ordinary));
    isRunning = false;
    if (urgent.size > 0 || !isFull()) schedule();
  }

  return {
    add(task) {
      ordinary.add(task);
      schedule();
    },
    addUrgent(task) {
      urgent.add(task);
      schedule();
    },
    remove(task) {
      urgent.delete(task);
      ordinary.delete(task);
    },
    isBusy: () => ordinary.size > 0 || isFull(),
    go: () => {
      if (!isScheduled) run();
    },
  };
}
