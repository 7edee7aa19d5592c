import { RE2JS } from 're2js';
import { reasonOf } from './reason.ts';

/** Instructions of the program of an expression beyond which Envoy refuses it, unless its bootstrap sets `re2.max_program_size.error_level`. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/regex.proto */
export const usualRegexLimit = 100;
/** What our own bootstraps set. */
export const ownRegexLimit = 32_768;
/** RE2's own count is a few instructions above that of the port that is used here. */
const margin = 4;

/** Size of the program, about as Envoy counts it, and number of its groups; or what is wrong with the syntax. */
export type CompiledRegex = { readonly size: number; readonly groups: number } | { readonly error: string };

/** What is known of an expression, by its text; bounded, and the same answer with or without it. */
const known = new Map<string, CompiledRegex>();
const knownLimit = 10_000;

/** Compiles an expression in RE2 syntax. */
export function compileRegex(pattern: string): CompiledRegex {
  const before = known.get(pattern);
  if (before) return before;
  if (known.size >= knownLimit) known.clear();
  const result = compileAnew(pattern);
  known.set(pattern, result);
  return result;
}

/**
 * Whether a whole text fits an expression, which takes no longer than the text and the expression are long. That of a stranger
 * may have the size that Envoy allows where nothing else is said.
 * @returns what is wrong with the expression in words.
 */
export function fullMatch(pattern: string): ((text: string) => boolean) | string {
  const compiled = compileRegex(pattern);
  if ('error' in compiled) return compiled.error;
  if (compiled.size > usualRegexLimit) return `its program has a size of about ${compiled.size}, above ${usualRegexLimit}`;
  const regex = RE2JS.compile(pattern);
  return (text) => regex.testExact(text);
}

function compileAnew(pattern: string): CompiledRegex {
  try {
    const compiled = RE2JS.compile(pattern);
    return { size: compiled.programSize() + margin, groups: compiled.groupCount() };
  } catch (error) {
    // The library knows no other way to say that an expression is wrong.
    return { error: reasonOf(error) };
  }
}
