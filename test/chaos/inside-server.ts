// Loaded into the server before all else. Node gives SIGUSR1 a meaning of its own; these two have none.
const hourMs = 3_600_000;
const realNow = Date.now;
let isAhead = false;

Date.now = () => realNow() + (isAhead ? hourMs : 0);

/** Sets the clock an hour forward, or back again. Timers do not know of it. */
process.on('SIGUSR2', () => {
  isAhead = !isAhead;
});

/** Collects garbage, so that what is in use then is what is needed, and says when it has. What only a weak table led to goes the second time. */
process.on('SIGPWR', () => {
  globalThis.gc?.();
  setImmediate(() => {
    globalThis.gc?.();
    console.error('collected');
  });
});
