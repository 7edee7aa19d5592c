/** Requests that an Envoy sent to its backends, and how many of them failed. */
export interface Requests {
  readonly requests: number;
  readonly errors: number;
}

/** Fewer say nothing. */
const leastRequests = 100;
/** A difference that matters to somebody: one request of a hundred. */
const leastDifference = 0.01;
/** In standard deviations: by chance alone it comes less than once in ten thousand looks. */
const leastDeviations = 4;

/**
 * Whether the Envoys that have a revision first fail clearly more than the others, in words; undefined: they do not, or too few
 * requests are known. What is compared is the same time, so that a backend that fails for all is no fault of the revision.
 * @see https://en.wikipedia.org/wiki/Two-proportion_Z-test
 */
export function moreErrors(first: readonly Requests[], others: readonly Requests[]): string | undefined {
  const [own, rest] = [sumOf(first), sumOf(others)];
  if (own.requests < leastRequests || rest.requests < leastRequests) return undefined;
  const [ownRate, restRate] = [own.errors / own.requests, rest.errors / rest.requests];
  const rate = (own.errors + rest.errors) / (own.requests + rest.requests);
  const deviation = Math.sqrt(rate * (1 - rate) * (1 / own.requests + 1 / rest.requests));
  if (ownRate - restRate < leastDifference || ownRate - restRate < leastDeviations * deviation) return undefined;
  return `${percent(ownRate)} of ${own.requests} requests of the Envoys that have it fail, and ${percent(restRate)} of ${rest.requests} of the others`;
}

function sumOf(all: readonly Requests[]): Requests {
  return {
    requests: all.reduce((sum, { requests }) => sum + requests, 0),
    errors: all.reduce((sum, { errors }) => sum + errors, 0),
  };
}

const percent = (rate: number): string => `${Number((rate * 100).toFixed(1))}%`;
