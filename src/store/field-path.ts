import type { FieldPath } from './stored.ts';

/** `spec.rules[0].matches[1].path`; keys that are no plain word in quotes: `metadata.annotations["a/b"]`. */
export function fieldName(path: FieldPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\w-]+$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
