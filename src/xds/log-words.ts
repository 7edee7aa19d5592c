import { logWordsPlace } from '../ir/names.ts';
import type { Route } from '../ir/route.ts';
import type { Message } from '../proto/message.ts';
import { expression } from './log-condition.ts';

/** Metadata of routes whose requests are not in the access log. */
const unlogged = 'sluice.unlogged';

/** Whether the route of a request lets it be written; where there is no route it is. */
export const routeIsLogged = expression(`xds.route_name == '' || !('${unlogged}' in xds.route_metadata.filter_metadata)`);

/** What a route carries for the access log. */
export function logMetadata({ log }: Route): NonNullable<Message<'envoy.config.core.v3.Metadata'>['filter_metadata']> {
  if (log === undefined) return {};
  if (log === 'off') return { [unlogged]: {} };
  return { [logWordsPlace]: { fields: Object.fromEntries(Object.entries(log).map(([name, value]) => [name, { stringValue: value }])) } };
}
