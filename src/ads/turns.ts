/**
 * How long streams are worked on before other work has its turn. What is urgent is next to nothing for each stream, and nothing
 * of it leaves the process before its turn ends; with a pause the replies of the first clients are read before the last ones
 * are sent anything. So a thousand streams have one turn.
 */
const turnMs = 10;
const urgentTurnMs = 100;

/** Something to be done once, soon. Added again before it ran, it runs once. */
type Task = () => void;

/**
 * Lets many streams be worked on without holding up what else there is to do. Endpoints go first, whatever else waits; what may
 * be large waits while enough is under way.
 */
export interface Turns {
  add(task: Task): void;
  /** Before all that was added by `add`, and however much is under way. Each is asked for when its turn has come. */
  addUrgent(tasks: Iterable<Task>): void;
  /** Takes back what was added by `add`. */
  remove(task: Task): void;
  /** Whether a task that may be large has to wait, for others before it or for what is under way. */
  isBusy(): boolean;
  /** Goes on at once, because less is under way. */
  go(): void;
}

/** @param isFull whether so much is under way that only urgent tasks may run. */
export function createTurns(isFull: () => boolean): Turns {
  const urgent: Iterator<Task>[] = [];
  const ordinary = new Set<Task>();
  let isScheduled = false;
  let isRunning = false;

  /** @returns whether there was one to do. */
  function doUrgent(): boolean {
    const [first] = urgent;
    if (!first) return false;
    const { done, value: task } = first.next();
    if (done) urgent.shift();
    else task();
    return true;
  }
  function doOrdinary(): boolean {
    for (const task of ordinary) {
      ordinary.delete(task);
      task();
      return true;
    }
    return false;
  }

  function schedule(): void {
    if (isScheduled || isRunning || urgent.length + ordinary.size === 0) return;
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
    while (lasts() < urgentTurnMs && doUrgent());
    while (lasts() < turnMs && !isFull() && (doUrgent() || doOrdinary()));
    isRunning = false;
    if (urgent.length > 0 || !isFull()) schedule();
  }

  return {
    add(task) {
      ordinary.add(task);
      schedule();
    },
    addUrgent(tasks) {
      urgent.push(tasks[Symbol.iterator]());
      schedule();
    },
    remove: (task) => void ordinary.delete(task),
    isBusy: () => ordinary.size > 0 || isFull(),
    go: () => {
      if (!isScheduled) run();
    },
  };
}
