import type { PathMatch, PathRewrite } from '../ir/route.ts';
import type { Message } from '../proto/message.ts';
import { regexOf, substitutionOf } from './regex.ts';

/** Either of the two ways in which Envoy changes a path; both keep the query. Empty: the path stays. */
export interface RewriteFields {
  readonly prefix_rewrite?: string;
  readonly regex_rewrite?: Message<'envoy.type.matcher.v3.RegexMatchAndSubstitute'>;
}

/**
 * A new path for what a match took, with Gateway API's meaning of prefixes: `/shop` to `/new` makes `/shop/a` `/new/a`, and to
 * `/` makes it `/a`. Envoy's `prefix_rewrite` exchanges characters, which gives `//a` there; so a dropped prefix is a regex.
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httppathmodifier
 */
export function pathRewrite(match: PathMatch, rewrite: PathRewrite): RewriteFields {
  if (rewrite.type === 'regex') return { regex_rewrite: { pattern: { regex: rewrite.pattern }, substitution: rewrite.replacement } };
  if (rewrite.type === 'full') return regexRewrite('^/.*$', rewrite.value);
  const target = rewrite.value.replace(/\/+$/, '');
  switch (match.type) {
    case 'exact':
    case 'regex':
      // The match takes the whole path.
      return regexRewrite('^/.*$', target || '/');
    case 'pathPrefix':
    case 'prefix': {
      const prefix = match.value.replace(/\/+$/, '');
      if (prefix === '') return target === '' ? {} : { prefix_rewrite: `${target}/` };
      if (target === '') return regexRewrite(`^${regexOf(prefix)}/?`, '/');
      return { prefix_rewrite: match.value.endsWith('/') ? `${target}/` : target };
    }
  }
}

function regexRewrite(regex: string, substitution: string): RewriteFields {
  return { regex_rewrite: { pattern: { regex }, substitution: substitutionOf(substitution) } };
}
