import { canary as canaryFamily } from '../../nginx/family/canary.ts';
import { redirect } from '../../nginx/family/redirect.ts';
import { serverAlias } from '../../nginx/family/server-alias.ts';
import type { Stored } from '../../store/stored.ts';
import { withAliases } from '../../translate/ingress/aliases.ts';
import { type CanaryOf, canariesOf } from '../../translate/ingress/canaries.ts';
import type { ReadIngress, Server } from '../../translate/ingress/location.ts';
import { withExpressions } from '../../translate/ingress/server-regex.ts';
import { serversOf } from '../../translate/ingress/servers.ts';
import { tlsHosts } from '../../translate/ingress/tls.ts';
import type { Scene } from '../scene.ts';
import { counterparts } from './counterpart/index.ts';
import { wwwTwins } from './counterpart/www.ts';
import { gatewayNames, gatewaysFor } from './gateways.ts';
import type { Host, Written } from './host.ts';
import { controllerObstacle, hostObstacle, ingressObstacle } from './obstacles.ts';
import { placesOf } from './places.ts';
import { routesOf } from './routes.ts';
import { servicePolicies, usesOfServices } from './service-policies.ts';

/** An Ingress that is converted, and what its HTTPRoutes do in another way: sentences for a person, without their stop. */
interface Moved {
  readonly ingress: Stored<'Ingress'>;
  readonly told: readonly string[];
}

/** An Ingress that goes on as it is, with the reason. */
interface Kept {
  readonly ingress: Stored<'Ingress'>;
  readonly reason: string;
}

/** What becomes of Ingresses. */
export interface Conversion {
  /** Gateways, HTTPRoutes, TrafficPolicies and BackendPolicies in the place of the Ingresses that are converted. */
  readonly objects: readonly Written[];
  readonly converted: readonly Moved[];
  readonly kept: readonly Kept[];
  /** Why none is converted at all, which is then the reason of each that is kept. Undefined: each has its own. */
  readonly obstacle: string | undefined;
}

/**
 * Says with Gateway API and policies of Sluice what Ingresses say. A host name is converted whole, with all its Ingresses, or not at all:
 * what guards a path, and what has no counterpart, stays an Ingress. Nothing that was closed is opened.
 */
export function toGatewayApi(scene: Scene): Conversion {
  const served = scene.ingresses.filter(({ reading }) => !reading.dropped);
  const mains = served.filter(({ reading }) => !reading.of(canaryFamily));
  const servers = withAliases(
    serversOf(mains, () => {}),
    mains,
    () => {},
  );
  const canaryOf = canariesOf(served, servers, () => {});
  const certificates = tlsHosts(mains.map(({ ingress }) => ingress));
  const hostOf = (from: Server, host: string): Host => {
    const server = { ...withExpressions(from, () => {}), host };
    const certificate = certificates.find((one) => one.host === host);
    return { server, places: placesOf(server), certificate, canaryOf, ingresses: ingressesOf(from, served, canaryOf) };
  };
  const hosts = [
    ...servers.map((server) => hostOf(server, server.host)),
    ...wwwTwins(servers).map(({ server, host }) => ({ ...hostOf(server, host), sentTo: server.host })),
  ];
  const reasons = new Map<Stored<'Ingress'>, string>();
  const whole = controllerObstacle(scene);
  for (const { ingress, reading } of scene.ingresses) {
    const reason = reading.dropped ? 'ingress-nginx drops it, and so does Sluice' : (whole ?? ingressObstacle({ ingress, reading }, scene));
    if (reason !== undefined) reasons.set(ingress, reason);
  }
  const uses = usesOfServices(servers, canaryOf, scene);
  for (const host of hosts) {
    const reason = hostObstacle(host, uses, scene);
    if (reason !== undefined) for (const ingress of host.ingresses) if (!reasons.has(ingress)) reasons.set(ingress, reason);
  }
  spread(hosts, reasons);
  const movable = hosts.filter(({ ingresses }) => ingresses.every((ingress) => !reasons.has(ingress)));
  const names = gatewayNames(movable);
  const all = scene.ingresses.map(({ ingress }) => ingress);
  return {
    objects: [
      ...gatewaysFor(movable),
      ...movable.flatMap((host) => routesOf(host, names.get(host) ?? '', scene)),
      ...servicePolicies(
        movable.flatMap(({ server: { locations } }) => locations),
        canaryOf,
        scene,
      ),
    ],
    converted: scene.ingresses.flatMap((read) => (reasons.has(read.ingress) ? [] : [{ ingress: read.ingress, told: toldOf(read, hosts, scene) }])),
    obstacle: whole,
    kept: all.flatMap((ingress) => {
      const reason = reasons.get(ingress);
      return reason === undefined ? [] : [{ ingress, reason }];
    }),
  };
}

/** All that have a say at a host name: by their paths, by a canary of one of its Services, or by another name for theirs. */
function ingressesOf(server: Server, all: readonly ReadIngress[], canaryOf: CanaryOf): readonly Stored<'Ingress'>[] {
  const own = new Set(server.locations.flatMap((location) => [location.ingress, canaryOf(location)?.ingress]));
  return all.filter((one) => own.has(one.ingress) || namesOf(one).has(server.host)).map(({ ingress }) => ingress);
}

function namesOf({ ingress, reading }: ReadIngress): ReadonlySet<string> {
  const hosts = (ingress.object.spec.rules ?? []).map(({ host }) => host || '*');
  const twins = reading.of(redirect)?.fromToWww ? hosts.map((host) => (host.startsWith('www.') ? host.slice(4) : `www.${host}`)) : [];
  return new Set([...hosts, ...twins, ...(reading.of(serverAlias) ?? [])]);
}

/** A host name whose Ingresses do not all move keeps the others, and what these share with further host names. */
function spread(hosts: readonly Host[], reasons: Map<Stored<'Ingress'>, string>): void {
  for (let grows = true; grows; ) {
    grows = false;
    for (const { ingresses, server } of hosts) {
      const stays = ingresses.find((ingress) => reasons.has(ingress));
      if (!stays) continue;
      for (const ingress of ingresses) {
        if (reasons.has(ingress)) continue;
        reasons.set(ingress, `its host name ${server.host} is shared with Ingress ${stays.namespace}/${stays.name}, which stays`);
        grows = true;
      }
    }
  }
}

function toldOf(read: ReadIngress, hosts: readonly Host[], scene: Scene): readonly string[] {
  const hasTls = (read.ingress.object.spec.tls ?? []).length > 0;
  return [
    hasTls ? 'a slash at the end of a path stays where plain HTTP is redirected to HTTPS' : 'HTTPS with the default certificate is not served',
    ...counterparts.flatMap(({ told }) => told?.(read, scene) ?? []),
    ...hosts.flatMap(({ ingresses, places, sentTo }) => (sentTo === undefined && 'told' in places && ingresses.includes(read.ingress) ? places.told : [])),
  ];
}
