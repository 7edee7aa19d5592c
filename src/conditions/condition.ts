/** What is said of an object. @see https://gateway-api.sigs.k8s.io/reference/spec/#gatewayconditiontype */
export interface WantedCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** One word in CamelCase, of the specification where it has one that fits. */
  readonly reason: string;
  /** What a person should know and do; `''` where the reason says it all. */
  readonly message: string;
  /** Generation of the object that this is said of. */
  readonly observedGeneration: number;
}

/** The same as the API server holds it. */
export interface Condition extends WantedCondition {
  /** When `status` became what it is: RFC 3339, whole seconds. */
  readonly lastTransitionTime: string;
}

/** Longest message that CRDs take. */
const maxMessage = 32_768;

/**
 * What to write, in the order of `wanted`. The time is that of the live condition as long as the status stays the same, whatever
 * else is said anew.
 * @param now milliseconds since 1970.
 */
export function timedConditions(live: readonly Condition[], wanted: readonly WantedCondition[], now: number): readonly Condition[] {
  return wanted.map((one) => {
    const known = live.find(({ type }) => type === one.type);
    const lastTransitionTime = known?.status === one.status ? known.lastTransitionTime : `${new Date(now).toISOString().slice(0, 19)}Z`;
    return { ...one, message: cut(one.message), lastTransitionTime };
  });
}

function cut(message: string): string {
  return message.length <= maxMessage ? message : `${message.slice(0, maxMessage - 1)}…`;
}
