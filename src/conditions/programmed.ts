import type { Diagnostic } from '../diagnostic.ts';
import type { GroupFacts } from './facts.ts';
import { messageOf, type Verdict } from './verdict.ts';

/** Whether what an object asks for is in force, and whether that may change in a moment by itself. */
export interface ProgrammedVerdict {
  readonly verdict: Verdict;
  readonly isSettling: boolean;
}

const said = (status: 'True' | 'False', reason: string, message: string, isSettling = false): ProgrammedVerdict => ({
  verdict: { type: 'Programmed', status, reason, message },
  isSettling,
});

export interface ProgrammedOptions {
  /** Name of the group of Envoys. */
  readonly group: string;
  /** Undefined: none of them is connected. */
  readonly facts: GroupFacts | undefined;
  /** Why it is not served. */
  readonly faults: readonly Diagnostic[];
  /** Whether this very generation was in force everywhere before. */
  readonly was: boolean;
  /** Whether it is said as well that no Envoy is there, of something that was in force before. */
  readonly tellsOfNobody: boolean;
}

/**
 * `Programmed`: at least one Envoy of the group is connected, and all that are have acknowledged what the object asks for. Once
 * they have, the same generation stays so, whatever else they are sent.
 */
export function programmedVerdict({ group, facts, faults, was, tellsOfNobody }: ProgrammedOptions): ProgrammedVerdict {
  if (faults.length > 0) return said('False', 'Invalid', messageOf(faults));
  const { envoys, acknowledged, held } = facts ?? { envoys: 0, acknowledged: 0 };
  if (was && (envoys > 0 || !tellsOfNobody)) return said('True', 'Programmed', '');
  if (envoys === 0) return said('False', 'NoResources', `No Envoy of the group ${group} is connected.`, true);
  if (held !== undefined) return said('False', 'Pending', `It is held back from Envoys: ${held}.`, true);
  if (acknowledged === envoys) return said('True', 'Programmed', '');
  return said('False', 'Pending', `${acknowledged} of ${envoys} Envoys of the group ${group} have acknowledged it.`, true);
}
