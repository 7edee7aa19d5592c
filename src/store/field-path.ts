import type { FieldPath } from './stored.ts';

/** `spec.rules[0].matches[1].path`; keys that are no plain word in quotes: `metadata.annotations["a/b"]`. */
export function fieldName(path: FieldPath): string {
  // Joined rather than added up: a text that was added up keeps all its parts in memory, and an object has many fields.
  return path.map((step, index) => (index === 0 && isPlain(step) ? step : stepName(step))).join('');
}

function stepName(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return isPlain(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

const isPlain = (step: string | number): boolean => typeof step === 'string' && /^[\w-]+$/.test(step);
