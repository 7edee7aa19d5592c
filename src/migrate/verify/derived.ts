import { allowlist } from '../../nginx/family/allowlist.ts';
import { basicAuth } from '../../nginx/family/basic-auth.ts';
import { canary as canaryFamily } from '../../nginx/family/canary.ts';
import { cors } from '../../nginx/family/cors.ts';
import { denylist } from '../../nginx/family/denylist.ts';
import { externalAuth } from '../../nginx/family/external-auth.ts';
import { redirect } from '../../nginx/family/redirect.ts';
import { rewrite } from '../../nginx/family/rewrite.ts';
import { serverAlias } from '../../nginx/family/server-alias.ts';
import { type Canary, canariesOf } from '../../translate/ingress/canaries.ts';
import type { Location, Server } from '../../translate/ingress/location.ts';
import { serversOf } from '../../translate/ingress/servers.ts';
import type { Scene } from '../scene.ts';
import { examplePaths } from './example-path.ts';
import { type Probe, withoutRepeats } from './probe.ts';

/** A request to a place, as far as it differs from a GET of the path of the place. */
type Variation = Pick<Probe, 'about'> & Partial<Pick<Probe, 'host' | 'method' | 'path' | 'headers' | 'isSplit'>>;

/** A path that a location takes. */
interface Place {
  readonly scene: Scene;
  readonly host: string;
  readonly path: string;
  readonly usesRegex: boolean;
  readonly location: Location;
  readonly canary: Canary | undefined;
}

/** Requests that something of an Ingress is found out by. */
type Facet = (place: Place) => Iterable<Variation>;

/** A host name that no Ingress has. */
export const strangeHost = 'no-ingress-has-this.example';

/** The host names of all Ingresses, as they are served. */
export function verifiedServers({ ingresses }: Scene): readonly Server[] {
  const served = ingresses.filter(({ reading }) => !reading.dropped && !reading.of(canaryFamily));
  return serversOf(served, () => {});
}

/**
 * Requests for all that the Ingresses say: each host name, each path with what lies beside it, and what their annotations decide by.
 * Host names of Ingresses that ingress-nginx drops are asked too: nobody shall answer there.
 */
export function derivedProbes(scene: Scene): readonly Probe[] {
  const servers = verifiedServers(scene);
  const canaryOf = canariesOf(
    scene.ingresses.filter(({ reading }) => !reading.dropped),
    servers,
    () => {},
  );
  const served = servers.flatMap((server) => [
    ...server.locations.flatMap((location) =>
      pathsOf(server, location).flatMap((path) => {
        const place = { scene, host: hostOf(server.host), path, usesRegex: server.usesRegex, location, canary: canaryOf(location) };
        return facets.flatMap((facet) => [...facet(place)].map((variation) => probeOf(place, variation)));
      }),
    ),
    strayProbe(hostOf(server.host), server),
  ]);
  return withoutRepeats([...served, ...droppedProbes(scene)]);
}

function probeOf({ host, path, location, canary }: Place, variation: Variation): Probe {
  const isSplit = canary !== undefined && canary.config.weight > 0 && canary.config.weight < canary.config.weightTotal;
  return { host, path, method: 'GET', headers: {}, ingress: location.ingress, isSplit: isSplit || location.others !== undefined, ...variation };
}

function strayProbe(host: string, { first }: Server): Probe {
  return {
    host,
    path: '/no-ingress-has-this',
    method: 'GET',
    headers: {},
    about: 'a path that nothing is written for',
    ingress: first.ingress,
    isSplit: false,
  };
}

function droppedProbes({ ingresses }: Scene): readonly Probe[] {
  return ingresses.flatMap(({ ingress, reading }) =>
    reading.dropped
      ? (ingress.object.spec.rules ?? []).map(({ host, http }) => ({
          host: hostOf(host || '*'),
          path: http?.paths[0]?.path || '/',
          method: 'GET',
          headers: {},
          about: 'an Ingress that ingress-nginx drops',
          ingress,
          isSplit: false,
        }))
      : [],
  );
}

/** A host name that requests can have. */
function hostOf(host: string): string {
  return host === '*' ? strangeHost : host.replace(/^\*\./, 'verify.');
}

function pathsOf({ locations }: Server, { path }: Location): readonly string[] {
  const hasExpressions = locations.some(({ reading }) => reading.of(rewrite)?.usesRegex || reading.of(rewrite)?.target !== undefined);
  const examples = hasExpressions ? examplePaths(path) : [path];
  return (examples.length > 0 ? examples : [path]).filter((one) => /^\/[!-~]*$/.test(one));
}

/** What lies beside a path: the places where matchers differ. */
const boundaries: Facet = function* ({ path }) {
  const bare = path.replace(/(?<=.)\/+$/, '');
  yield { about: 'the path' };
  yield { method: 'HEAD', about: 'the path, without its body' };
  yield { path: `${path}?sluice=verify&a=%20b`, about: 'a query' };
  if (bare === '/') {
    yield { path: '/below', about: 'a path below' };
    return;
  }
  yield { path: bare, about: 'the path without a slash at its end' };
  yield { path: `${bare}/`, about: 'the path with a slash at its end' };
  yield { path: `${bare}/below/it?a=1`, about: 'a path below' };
  yield { path: `${bare}//below`, about: 'two slashes' };
  yield { path: `${bare}ly`, about: 'a path that begins alike' };
  yield { path: bare.toUpperCase(), about: 'the path in capitals' };
};

const hostNames: Facet = function* ({ host, location: { reading, path } }) {
  yield { host: host.toUpperCase(), about: 'the host name in capitals' };
  yield { host: `${host}:8443`, about: 'the host name with a port' };
  for (const alias of reading.of(serverAlias) ?? []) {
    if (!alias.startsWith('~')) yield { host: alias.replace(/^\*\./, 'verify.'), about: 'server-alias' };
  }
  if (reading.of(redirect)?.fromToWww) yield { host: host.startsWith('www.') ? host.slice(4) : `www.${host}`, path, about: 'from-to-www-redirect' };
  if (reading.of(rewrite)?.appRoot !== undefined) yield { path: '/', about: 'app-root' };
};

const canaries: Facet = function* ({ canary }) {
  if (!canary) return;
  const { header, cookie } = canary.config;
  const decided = { isSplit: false };
  if (header) {
    const fitting = header.value ?? (header.pattern === undefined ? undefined : examplePaths(`/${header.pattern.replace(/^\^/, '')}`)[0]?.slice(1));
    const always = fitting ?? (header.pattern === undefined ? 'always' : undefined);
    if (always !== undefined) yield { headers: { [header.name]: always }, about: 'canary-by-header, for the canary', ...decided };
    if (fitting === undefined) yield { headers: { [header.name]: 'never' }, about: 'canary-by-header, not for the canary', ...decided };
    yield { headers: { [header.name]: 'neither' }, about: 'canary-by-header with another value' };
  }
  if (cookie === undefined) return;
  for (const value of ['always', 'never']) yield { headers: { cookie: `${cookie}=${value}` }, about: `canary-by-cookie, ${value}`, ...decided };
};

const origins: Facet = function* ({ location: { reading } }) {
  const said = reading.of(cors);
  if (!said) return;
  const own = (said.origins[0] ?? '*').replace('*.', 'verify.').replace(/^\*$/, 'https://verify.example');
  for (const origin of [own, 'https://elsewhere.invalid']) {
    yield { headers: { origin }, about: 'CORS' };
    yield {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-verify' },
      about: 'CORS, asked before',
    };
  }
};

/** Addresses that lists name, told by headers that only trusted peers may be believed. */
const clients: Facet = function* ({ scene, location: { reading } }) {
  const header = scene.controller.value('forwarded-for-header');
  for (const list of [allowlist, denylist]) {
    const address = reading.of(list)?.[0]?.split('/')[0];
    if (address !== undefined) yield { headers: { [header]: address }, about: `an address of ${list.name}, as the client says` };
  }
};

const passwords: Facet = function* ({ location: { reading } }) {
  if (!reading.of(basicAuth) && !reading.of(externalAuth)) return;
  yield { headers: { authorization: `Basic ${btoa('sluice:verify')}` }, about: 'a wrong password' };
};

/** Sent only where somebody asks for it: what is no safe method. */
const bodies: Facet = function* () {
  yield { method: 'POST', about: 'POST without a body' };
};

const facets: readonly Facet[] = [boundaries, hostNames, canaries, origins, clients, passwords, bodies];
