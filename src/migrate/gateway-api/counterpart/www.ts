import { redirect } from '../../../nginx/family/redirect.ts';
import type { Server } from '../../../translate/ingress/location.ts';
import type { Counterpart } from './counterpart.ts';

/** The host name with `www.`, or without: a listener and an HTTPRoute that sends all its requests to the other one. */
export const www: Counterpart = {
  names: ['from-to-www-redirect'],
  told: ({ reading }) =>
    reading.of(redirect)?.fromToWww ? ['a slash at the end of a path stays where the other name with or without www. is redirected'] : [],
};

/** The other names that are sent to host names, where nobody has them. */
export function wwwTwins(servers: readonly Server[]): readonly { readonly host: string; readonly server: Server }[] {
  const taken = new Set(servers.map(({ host }) => host));
  return servers.flatMap((server) => {
    const twin = server.host.startsWith('www.') ? server.host.slice('www.'.length) : `www.${server.host}`;
    const isAsked = server.locations.some(({ reading }) => reading.of(redirect)?.fromToWww);
    if (!isAsked || server.host.startsWith('*') || taken.has(twin)) return [];
    taken.add(twin);
    return [{ host: twin, server }];
  });
}
