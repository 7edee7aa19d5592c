import { diagnostic, type Origin, type Report } from '../diagnostic.ts';
import { compileRegex, ownRegexLimit, usualRegexLimit } from '../regex.ts';

/**
 * Whether Envoy takes an expression, in RE2 syntax.
 * Reports `InvalidRegex` and `RegexTooLarge` (false: to be left out) and `RegexCostly` (true).
 */
export function checkRegex(pattern: string, at: () => Origin, report: Report): boolean {
  const result = compileRegex(pattern);
  if ('error' in result) {
    const message = `The regular expression is not valid in RE2 syntax (${result.error}), so its match is left out.`;
    report(diagnostic('InvalidRegex', at(), message, 'Correct it; RE2 knows no look-ahead, no look-behind, no back-references and no count above 1000.'));
    return false;
  }
  const { size } = result;
  if (size > ownRegexLimit) {
    const message = `The regular expression compiles to about ${size} instructions, more than the ${ownRegexLimit} that Envoy is allowed, so its match is left out.`;
    report(diagnostic('RegexTooLarge', at(), message, 'Make it shorter: counted repetitions such as `{200}` multiply what they repeat.'));
    return false;
  }
  if (size > usualRegexLimit) {
    const message = `The regular expression compiles to about ${size} instructions; an Envoy whose bootstrap keeps the limit of ${usualRegexLimit} refuses all routes of this port.`;
    report(diagnostic('RegexCostly', at(), message, 'Use the bootstrap of `sluice bootstrap`, which lifts the limit, or make the expression shorter.'));
  }
  return true;
}

/** The text as a part of an expression that stands for nothing but itself. */
export function quoted(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}
