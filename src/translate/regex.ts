import { RE2JS } from 're2js';
import { diagnostic, type Origin, type Report } from '../diagnostic.ts';

/** Envoy refuses larger programs unless its bootstrap sets `re2.max_program_size.error_level`. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/regex.proto */
const usualLimit = 100;
/** What our own bootstraps set. */
const ownLimit = 32_768;
/** RE2's own count is a few instructions above that of the port that is used here. */
const margin = 4;

/** What is known of an expression, by its text; bounded, and the same answer with or without it. */
const known = new Map<string, { readonly size: number } | { readonly error: string }>();
const knownLimit = 10_000;

/**
 * Whether Envoy takes an expression, in RE2 syntax.
 * Reports `InvalidRegex` and `RegexTooLarge` (false: to be left out) and `RegexCostly` (true).
 */
export function checkRegex(pattern: string, at: () => Origin, report: Report): boolean {
  const result = compile(pattern);
  if ('error' in result) {
    const message = `The regular expression is not valid in RE2 syntax (${result.error}), so its match is left out.`;
    report(diagnostic('InvalidRegex', at(), message, 'Correct it; RE2 knows no look-ahead, no look-behind, no back-references and no count above 1000.'));
    return false;
  }
  const size = result.size + margin;
  if (size > ownLimit) {
    const message = `The regular expression compiles to about ${size} instructions, more than the ${ownLimit} that Envoy is allowed, so its match is left out.`;
    report(diagnostic('RegexTooLarge', at(), message, 'Make it shorter: counted repetitions such as `{200}` multiply what they repeat.'));
    return false;
  }
  if (size > usualLimit) {
    const message = `The regular expression compiles to about ${size} instructions; an Envoy whose bootstrap keeps the limit of ${usualLimit} refuses all routes of this port.`;
    report(diagnostic('RegexCostly', at(), message, 'Use the bootstrap of `sluice bootstrap`, which lifts the limit, or make the expression shorter.'));
  }
  return true;
}

function compile(pattern: string): { readonly size: number } | { readonly error: string } {
  const before = known.get(pattern);
  if (before) return before;
  if (known.size >= knownLimit) known.clear();
  const result = compileAnew(pattern);
  known.set(pattern, result);
  return result;
}

function compileAnew(pattern: string): { readonly size: number } | { readonly error: string } {
  try {
    return { size: RE2JS.compile(pattern).programSize() };
  } catch (error) {
    // The library knows no other way to say that an expression is wrong.
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** The text as a part of an expression that stands for nothing but itself. */
export function quoted(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}
