import { defineMappingTag, defineScalarTag, load, mapTag, NOT_RESOLVED, Schema, seqTag, strTag } from 'js-yaml';
import { isScalar, type ScalarTag } from 'yaml';
import { schema } from './yaml-schema.ts';

/**
 * Reads what nothing is wrong with, in a tenth of the time that the parser takes which tells where everything stands.
 * @param text one document.
 * @returns the value that the other parser gives; undefined where it is to be asked: for mistakes, aliases, directives, and keys that are no plain text.
 */
export function quickValue(text: string): unknown {
  // Of tabs the two think differently.
  if (/^%|\t/m.test(text)) return undefined;
  try {
    return load(text, { schema: quickSchema, maxAliases: 0 });
  } catch {
    return undefined;
  }
}

/** Scalars without quotes are what the other parser makes of them. */
const scalars = schema.tags.flatMap((tag, index) => {
  if (tag.default !== true || !('test' in tag) || !tag.test) return [];
  const { test, resolve } = tag as ScalarTag & { readonly test: RegExp };
  return [
    // Named apart, as some types have several forms; no document can name them.
    defineScalarTag(`sluice:${index}`, {
      implicit: true,
      resolve(source, isExplicit) {
        if (isExplicit || !test.test(source)) return NOT_RESOLVED;
        const value = resolve(source, () => undefined, {});
        return isScalar(value) ? value.value : value;
      },
      identify: () => false,
    }),
  ];
});

/** A longer key must not stand in one line with its value. */
const longestKey = 1000;

const fields = defineMappingTag<Record<string, unknown>>(mapTag.tagName, {
  ...mapTag,
  create: () => ({}),
  addPair(record, key, value) {
    // `on:` is read as true before it is known to be a key; `<<` takes over the fields of another map.
    if (typeof key !== 'string' || key === '<<' || key === '__proto__' || key.length > longestKey) return 'for the other parser';
    record[key] = value;
    return '';
  },
});

const quickSchema = new Schema([...scalars, strTag, seqTag, fields]);
