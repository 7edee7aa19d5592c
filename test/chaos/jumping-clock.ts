// Loaded into the server before all else: each SIGUSR2 sets its clock an hour forward, or back again. Timers do not know of it.
const hourMs = 3_600_000;
const realNow = Date.now;
let isAhead = false;

Date.now = () => realNow() + (isAhead ? hourMs : 0);
process.on('SIGUSR2', () => {
  isAhead = !isAhead;
});
