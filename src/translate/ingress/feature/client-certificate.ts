import type { Route, RouteMatch } from '../../../ir/route.ts';
import type { ClientCheck } from '../client-check.ts';
import type { Server } from '../location.ts';
import { before, behind, hostConditions } from '../location-match.ts';
import type { ServerRoute } from '../server-routes.ts';
import type { Feature, FeatureContext, LocationRoute } from './feature.ts';

type Verify = NonNullable<LocationRoute['clientCertificate']>['verify'];

/** Who is let in, and what the backend is told of it. */
const letIn: Readonly<Record<Exclude<ClientCheck, 'closed'>['mode'], readonly (readonly [RouteMatch['clientCertificate'], Verify])[]>> = {
  on: [['good', 'SUCCESS']],
  optional: [
    ['none', 'NONE'],
    ['good', 'SUCCESS'],
  ],
  optional_no_ca: [
    ['none', 'NONE'],
    ['good', 'SUCCESS'],
    ['bad', 'FAILED'],
  ],
};

/** Only clients whose certificate is as the host name asks for it are let in, over connections that were opened for it. */
export const clientCertificates: Feature = (routes, _location, { clientCheck, port }) => routes.flatMap((route) => checkedRoutes(route, clientCheck, port));

/** The routes that take the place of one. By plain HTTP nobody is asked, as behind nginx; what clients say of themselves is not passed on. */
export function checkedRoutes<Checked extends Pick<LocationRoute, 'match' | 'clientCertificate'>>(
  route: Checked,
  check: ClientCheck | undefined,
  port: FeatureContext['port'],
): readonly Checked[] {
  if (!check || check === 'closed') return [route];
  if (port().scheme === 'http') return [{ ...route, clientCertificate: { verify: undefined, passesCertificate: false } }];
  const { mode, passesCertificate, serverName, subject } = check;
  return letIn[mode].map(([state, verify]) => ({
    ...route,
    match: { ...route.match, headers: [...route.match.headers, serverName, ...(subject ? [subject] : [])], ...(state && { clientCertificate: state }) },
    clientCertificate: { verify, passesCertificate: passesCertificate && state !== 'none' },
  }));
}

/** What answers those who are not let in: 421 over another connection, 403 with a certificate of somebody else, else 400 or the page for it; and those who are for what is not there. */
export function checkEnds(server: Server, check: ClientCheck | undefined, port: FeatureContext['port']): readonly ServerRoute[] {
  const [location] = server.locations;
  if (!check || !location) return [];
  const match: RouteMatch = { path: { type: 'prefix', value: '/' }, headers: hostConditions(server), query: [] };
  const { scheme } = port();
  // By plain HTTP there is no certificate that could be of somebody.
  const isClosed = check === 'closed' || (scheme === 'http' && check.subject);
  if (isClosed) return [{ ...location, route: { match, action: { type: 'respond', status: 403 } }, rank: [...before(server), 2] }];
  if (scheme === 'http') return [];
  const { subject, ...ofAnybody } = check;
  const { errorPage, serverName } = check;
  const refused: Route['action'] = errorPage === undefined ? { type: 'respond', status: 400 } : { type: 'location', status: 302, to: errorPage };
  const nothing = checkedRoutes({ match }, check, port).map((one) => ({ match: one.match, action: { type: 'respond', status: 404 } as const }));
  const ofConnection = { match: { ...match, headers: [...match.headers, serverName] }, action: refused };
  const ofOthers = subject
    ? checkedRoutes({ match }, ofAnybody, port).map((one) => ({ match: one.match, action: { type: 'respond', status: 403 } as const }))
    : [];
  const ends = [...nothing, ...ofOthers, ofConnection, { match, action: { type: 'respond', status: 421 } as const }];
  return ends.map((route) => ({ ...location, route, rank: behind(server) }));
}
