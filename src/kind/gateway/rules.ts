import type { z } from 'zod';
import type { HttpRouteFilter } from './filters.ts';

interface Rule {
  readonly name?: string | undefined;
  readonly matches?: readonly unknown[] | undefined;
}

/** No two rules of a route have the same name. */
export function uniqueRuleNames(rules: readonly Rule[], context: z.core.$RefinementCtx): void {
  const names = new Set<string>();
  for (const [index, { name }] of rules.entries()) {
    if (name === undefined) continue;
    if (names.has(name)) context.addIssue({ code: 'custom', path: [index, 'name'], message: `two rules are named ${name}`, input: rules });
    names.add(name);
  }
}

/** At most 128 matches in all rules of a route together. */
export function totalOfMatches(rules: readonly Rule[], context: z.core.$RefinementCtx): void {
  const total = rules.reduce((sum, rule) => sum + (rule.matches ?? []).length, 0);
  if (total > 128) context.addIssue({ code: 'custom', message: `a route has at most 128 matches, here are ${total}`, input: rules });
}

interface HttpRule {
  readonly matches?: readonly { readonly path?: { readonly type?: string | undefined } | undefined }[] | undefined;
  readonly filters?: readonly HttpRouteFilter[] | undefined;
  readonly backendRefs?: readonly { readonly filters?: readonly HttpRouteFilter[] | undefined }[] | undefined;
}

/** What a prefix is replaced by needs to know which prefix: one match, by path prefix. */
export function replacesPrefixOnly(rule: HttpRule): boolean {
  const filters = [...(rule.filters ?? []), ...(rule.backendRefs ?? []).flatMap((ref) => ref.filters ?? [])];
  const replaces = filters.some((filter) => [filter.urlRewrite?.path, filter.requestRedirect?.path].some((path) => path?.replacePrefixMatch !== undefined));
  // Without `matches` the API server fills in one match, the prefix `/`.
  const paths = rule.matches === undefined ? [undefined] : rule.matches.map((match) => match.path);
  return !replaces || (paths.length === 1 && (paths[0]?.type ?? 'PathPrefix') === 'PathPrefix');
}
