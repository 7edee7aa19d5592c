/** What a client was answered, as far as it matters here. */
export type Answer =
  | { readonly type: 'answered'; readonly backend: string; readonly edition: number }
  /** A 404 by Envoy. */
  | { readonly type: 'no route' }
  /** Everything else: another status, a connection that broke, no answer in time. */
  | { readonly type: 'failed'; readonly words: string };

/** A route and the endpoints behind it. */
interface ExpectedRoute {
  readonly edition: number;
  /** Which of its Services have a weight, by their positions. */
  readonly led: readonly number[];
  /** The endpoint of each Service, whether it has a weight or not. */
  readonly endpoints: readonly string[];
}

/** What a request may be answered by objects as they stand at a time. */
export interface Expected {
  /** Undefined: there is no route. */
  readonly route?: ExpectedRoute;
  /** When the file began to be written. */
  readonly since: number;
  /** When it was written; undefined while it is being written. */
  readonly writtenAt?: number;
  /** Whether the file stood half written for so long that what is missing from it counts as removed. */
  readonly mayFail?: boolean;
}

/**
 * Whether an answer is one that the objects allow. They do while they stand so, and until an Envoy must know better:
 * everything that stood at any time between `knownUntil` and `answeredAt` may answer. A route and the endpoints of its Services may
 * be of two different times of these, as endpoints go their own way: the weights are those of the route. A failure is never explained: no edit here asks for one.
 * @param history what was expected over time, the newest last.
 * @param knownUntil the Envoy that answered must know every edit that was written before this time.
 */
export function isExplained(answer: Answer, history: readonly Expected[], knownUntil: number, answeredAt: number): boolean {
  const allowed = history.filter(({ since }, index) => {
    const next = history[index + 1];
    const isPast = next?.writtenAt !== undefined && next.writtenAt <= knownUntil;
    return since <= answeredAt && !isPast;
  });
  if (allowed.some(({ mayFail }) => mayFail)) return true;
  if (answer.type === 'failed') return false;
  if (answer.type === 'no route') return allowed.some(({ route }) => route === undefined);
  const led = allowed.flatMap(({ route }) => (route?.edition === answer.edition ? route.led : []));
  return allowed.some(({ route }) => led.some((position) => route?.endpoints[position] === answer.backend));
}
