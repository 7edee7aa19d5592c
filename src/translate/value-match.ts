import type { ValueMatch } from '../ir/route.ts';
import type { FieldPath } from '../store/stored.ts';

/** A condition on a header or a query parameter, as Gateway API writes it. */
export interface Condition {
  readonly name: string;
  readonly type?: 'Exact' | 'RegularExpression' | undefined;
  readonly value: string;
}

/** An expression, and the field below the match that holds it. */
export interface Expression {
  readonly value: string;
  readonly field: FieldPath;
}

/** Of several conditions on the same name only the first counts, as Gateway API says. */
export function valueMatches(list: readonly Condition[] | undefined, keyOf: (name: string) => string): readonly ValueMatch[] {
  const byName = new Map<string, ValueMatch>();
  for (const { name, type, value } of list ?? []) {
    const key = keyOf(name);
    if (!byName.has(key)) byName.set(key, { name: key, type: type === 'RegularExpression' ? 'regex' : 'exact', value });
  }
  return [...byName.values()];
}

/** Header names are compared without regard to case. */
export function headerMatches(list: readonly Condition[] | undefined): readonly ValueMatch[] {
  return valueMatches(list, (name) => name.toLowerCase());
}

/** The expressions among the conditions. */
export function expressionsOf(list: readonly Condition[] | undefined, field: string): readonly Expression[] {
  return (list ?? []).flatMap(({ type, value }, index) => (type === 'RegularExpression' ? [{ value, field: [field, index, 'value'] }] : []));
}
