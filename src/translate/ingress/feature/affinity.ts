import type { Session } from '../../../ir/route.ts';
import { annotationOrigin } from '../../../nginx/annotation-origin.ts';
import { affinity as family } from '../../../nginx/family/affinity.ts';
import { canaryBehavior } from '../../../nginx/family/canary-behavior.ts';
import { reportKey } from '../../traffic/session.ts';
import type { Feature } from './feature.ts';

/** Requests of a session stay with one endpoint, and on their side of a canary. What a TrafficPolicy says of sessions goes before it. */
export const affinity: Feature = (routes, location, { view, controller, canaryOf, report }) => {
  const { ingress, path, writtenPath = path, reading } = location;
  const config = reading.of(family);
  if (!config) return routes;
  const { namespace } = ingress;
  const { cookie: name, isAlwaysSecure, ...attributes } = config;
  const staysOnSide = (canaryOf(location) ?? location).reading.of(canaryBehavior) !== 'legacy';
  const session: Session = {
    type: 'cookie',
    name,
    namespace,
    attributes: { path: writtenPath, ...attributes, secure: isAlwaysSecure ? 'always' : 'by HTTPS' },
  };
  reportKey({ namespace, view, at: () => annotationOrigin(ingress, controller, 'affinity'), report });
  return routes.map((route) => {
    const { action } = route;
    if (action.type !== 'forward') return route;
    const isSplit = staysOnSide && action.backends.length > 1 && !action.stickyOn;
    const side = isSplit ? ({ stickyOn: { type: 'cookie', name: `${name}-side` } } as const) : {};
    return { ...route, action: { session, ...side, ...action } };
  });
};
