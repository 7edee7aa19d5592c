import { isDeepStrictEqual } from 'node:util';
import type { Facts } from '../conditions/facts.ts';
import type { Diagnostic } from '../diagnostic.ts';

/** Whether nothing is known now that was not known before: then there is nothing new to be said of any object. */
export function isSameFacts(a: Facts, b: Facts): boolean {
  return (
    a.view === b.view &&
    a.attachedRoutes === b.attachedRoutes &&
    isSameDiagnostics(a.diagnostics, b.diagnostics) &&
    isDeepStrictEqual([a.groups, a.addresses, a.gatewayAddresses, a.ingress], [b.groups, b.addresses, b.gatewayAddresses, b.ingress])
  );
}

/** Mostly the very same ones: those of a build are kept with it. */
function isSameDiagnostics(a: readonly Diagnostic[], b: readonly Diagnostic[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index] || (b[index] !== undefined && wordsOf(one) === wordsOf(b[index])));
}

const wordsOf = ({ code, severity, message, remedy, at }: Diagnostic): string =>
  JSON.stringify([code, severity, message, remedy, at.object, at.field, at.file]);
