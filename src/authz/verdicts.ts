import { createHash } from 'node:crypto';
import { BoundedMap } from '../memo/bounded-map.ts';

/** What a service of `auth-url` answered: headers, the status among them. */
export type Verdict = Readonly<Record<string, string>>;

/** Answers of services that are asked, for as long as they hold. */
export interface Verdicts {
  find(scope: string, key: string): Verdict | undefined;
  keep(scope: string, key: string, verdict: Verdict, forMs: number): void;
}

const mostKept = 20_000;

/** @param now milliseconds. */
export function createVerdicts(now: () => number): Verdicts {
  const kept = new BoundedMap<{ readonly verdict: Verdict; readonly until: number }>(mostKept);
  // Keys hold what clients log in with: nothing of it is kept.
  const nameOf = (scope: string, key: string): string => createHash('sha256').update(`${scope}\n${key}`).digest('base64');
  return {
    find(scope, key) {
      const found = kept.get(nameOf(scope, key));
      return found && found.until > now() ? found.verdict : undefined;
    },
    keep(scope, key, verdict, forMs) {
      kept.set(nameOf(scope, key), { verdict, until: now() + forMs });
    },
  };
}
