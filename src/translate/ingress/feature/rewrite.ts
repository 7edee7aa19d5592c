import { diagnostic } from '../../../diagnostic.ts';
import type { PathRewrite } from '../../../ir/route.ts';
import { annotationOrigin } from '../../../nginx/annotation-origin.ts';
import { forwardedPrefix } from '../../../nginx/family/forwarded-prefix.ts';
import type { Location } from '../location.ts';
import { locationRegex, rewriteReplacement } from '../location-regex.ts';
import { requestText } from '../request-text.ts';
import { rewriteTarget } from '../server-regex.ts';
import type { Feature, FeatureContext, LocationRoute } from './feature.ts';

/**
 * The whole path is replaced by `rewrite-target`, and the backend may be told what was cut off by X-Forwarded-Prefix.
 * Gives `RewriteUnsupported`.
 */
export const rewrite: Feature = (routes, location, context) => {
  const { controller, port, report } = context;
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
  return routes.map((route): LocationRoute => {
    const { action } = route;
    if (action.type !== 'forward') return route;
    return withPrefix({ ...route, action: { ...action, rewrite: { ...action.rewrite, path } } }, location, context);
  });
};

/** The header that tells backends what was cut off. */
function withPrefix(route: LocationRoute, location: Location, context: FeatureContext): LocationRoute {
  const name = 'x-forwarded-prefix';
  const written = location.reading.of(forwardedPrefix);
  if (written === undefined) return route;
  const { forwarded, requestHeaders = { set: [], add: [], remove: [] } } = route;
  if (written === 'withoutValue') return { ...route, requestHeaders: { ...requestHeaders, remove: [...requestHeaders.remove, name] } };
  const value = requestText(written, location, context);
  if (value.every((part) => typeof part === 'string'))
    return { ...route, requestHeaders: { ...requestHeaders, set: [...requestHeaders.set, { name, value: value.join('') }] } };
  return forwarded ? { ...route, forwarded: { ...forwarded, others: [...forwarded.others, { name, value }] } } : route;
}
