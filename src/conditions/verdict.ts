import { type Diagnostic, diagnosticCodes } from '../diagnostic.ts';
import type { WantedCondition } from './condition.ts';

/** What is said of an object without its generation, which is the same for all that is said of it. */
export type Verdict = Omit<WantedCondition, 'observedGeneration'>;

/** How many mistakes a message tells in full. */
const mostTold = 4;

/** What the table of codes knows of a code. */
function conditionOf({ code }: Diagnostic): { readonly type: string; readonly status: string; readonly reason: string } | undefined {
  const entry = diagnosticCodes[code];
  return 'condition' in entry ? entry.condition : undefined;
}

/** The mistakes because of which a condition of the type is not as it should be. */
export function faultsOf(diagnostics: readonly Diagnostic[], type: 'Accepted' | 'ResolvedRefs' | 'Conflicted'): readonly Diagnostic[] {
  return diagnostics.filter((one) => conditionOf(one)?.type === type);
}

/** Gateways and policies have another word than routes for a value that cannot be used. */
export const notOfRoutes = { UnsupportedValue: 'Invalid' };

/** `False` with the mistakes where there are some, else `True`. @param reasons one to say in the place of another. */
export function verdict(type: string, goodReason: string, faults: readonly Diagnostic[], reasons: Readonly<Record<string, string>> = {}): Verdict {
  const [first] = faults;
  if (!first) return { type, status: 'True', reason: goodReason, message: '' };
  const reason = conditionOf(first)?.reason ?? first.code;
  return { type, status: 'False', reason: reasons[reason] ?? reason, message: messageOf(faults) };
}

/** What is wrong and what to do, for a condition. */
export function messageOf(faults: readonly Diagnostic[]): string {
  const told = [...new Set(faults.map(({ message, remedy }) => [message, remedy ?? []].flat().join(' ')))];
  const more = told.length > mostTold ? [`There is more: ${told.length - mostTold}.`] : [];
  return [...told.slice(0, mostTold), ...more].join(' ');
}

/** Whether a diagnostic is about a field, or something in it. @param path `spec.listeners[0]`. */
export function isWithin({ at }: Diagnostic, path: string): boolean {
  const { field = '' } = at;
  return field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);
}

/** The same conditions of an object of this generation. */
export function observed(verdicts: readonly Verdict[], observedGeneration: number): readonly WantedCondition[] {
  return verdicts.map((one) => ({ ...one, observedGeneration }));
}
