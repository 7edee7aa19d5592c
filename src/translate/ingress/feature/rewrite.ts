import { diagnostic } from '../../../diagnostic.ts';
import type { PathRewrite } from '../../../ir/route.ts';
import { annotationOrigin } from '../../../nginx/annotation-origin.ts';
import { forwardedPrefix } from '../../../nginx/family/forwarded-prefix.ts';
import { locationRegex, rewriteReplacement } from '../location-regex.ts';
import { rewriteTarget } from '../server-regex.ts';
import type { Feature, LocationRoute } from './feature.ts';

/**
 * The whole path is replaced by `rewrite-target`, and the backend may be told what was cut off by X-Forwarded-Prefix.
 * Gives `RewriteUnsupported`.
 */
export const rewrite: Feature = (routes, location, { controller, port, report }) => {
  const target = rewriteTarget(location);
  if (target === undefined || location.isRest) return routes;
  const replacement = rewriteReplacement(location.path, target);
  if (replacement === undefined) {
    const at = annotationOrigin(location.ingress, controller, 'rewrite-target');
    const message = `The target ${target} holds variables of nginx, which are not read, or a line break, so requests are answered with 503.`;
    if (port().scheme === 'http') report(diagnostic('RewriteUnsupported', at, message, 'Use groups of the path, `$1` to `$9`, alone.'));
    return routes.map(({ match }) => ({ match, action: { type: 'respond', status: 503 } }));
  }
  const path: PathRewrite = { type: 'regex', pattern: `^${locationRegex(location.path)}$`, replacement };
  const prefix = location.reading.of(forwardedPrefix);
  return routes.map((route): LocationRoute => {
    const { action, requestHeaders = { set: [], add: [], remove: [] } } = route;
    if (action.type !== 'forward') return route;
    const set = prefix === undefined ? requestHeaders.set : [...requestHeaders.set, { name: 'x-forwarded-prefix', value: prefix }];
    return {
      ...route,
      action: { ...action, rewrite: { ...action.rewrite, path } },
      ...(set.length > 0 ? { requestHeaders: { ...requestHeaders, set } } : {}),
    };
  });
};
