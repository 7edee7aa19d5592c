import type { Decoded } from './codec.ts';
import type { Limits, ValueRule } from './rules-of-value.ts';

/** Rules of a `google.protobuf.Duration`, from the options of the field that holds it. */
export function durationRules(limits: Limits): readonly ((duration: Decoded) => string | undefined)[] {
  return Object.entries(limits).map(([name, limit]) => {
    const rule = comparison(name, secondsOf(limit as Decoded));
    return (duration) => rule(secondsOf(duration));
  });
}

/** The length of a duration. */
export function secondsOf({ seconds = 0, nanos = 0 }: Decoded): number {
  return Number(seconds) + Number(nanos) / 1e9;
}

function comparison(name: string, limit: number): ValueRule {
  switch (name) {
    case 'gt':
      return (value) => (Number(value) > limit ? undefined : `must be longer than ${limit} s`);
    case 'gte':
      return (value) => (Number(value) >= limit ? undefined : `must be at least ${limit} s`);
    case 'lt':
      return (value) => (Number(value) < limit ? undefined : `must be shorter than ${limit} s`);
    case 'lte':
      return (value) => (Number(value) <= limit ? undefined : `must be at most ${limit} s`);
    default:
      throw new Error(`the Envoy API has a field rule that is not known: duration.${name}`);
  }
}
