import { createHmac, hash } from 'node:crypto';
import { diagnostic, type Report } from '../../diagnostic.ts';
import type { Group } from '../../ir/gateway.ts';
import { sessionKeysName } from '../../ir/names.ts';
import type { Route, VirtualHost } from '../../ir/route.ts';
import type { GenericSecret } from '../../ir/secret.ts';
import { sessionKeysText } from '../../ir/session-keys.ts';
import { secretText } from '../../kind/secret-text.ts';
import { eachOfListAtOnce } from '../../memo/each-of-list.ts';
import type { StoreView } from '../../store/view.ts';
import { byName } from '../by-name.ts';

/** Secret of a namespace whose value `key` seals what clients are told of their endpoint. */
const sessionSecret = { name: 'sluice-session', key: 'key', minimumBytes: 16 } as const;

/** Why a namespace has no key of its own, as the beginning of a sentence. Undefined: it has one. */
export function keyProblem(view: StoreView, namespace: string): string | undefined {
  const value = writtenKey(view, namespace);
  if (value === undefined) return `There is no Secret ${namespace}/${sessionSecret.name} with a value \`${sessionSecret.key}\``;
  if (Buffer.byteLength(value) >= sessionSecret.minimumBytes) return undefined;
  return `The Secret ${namespace}/${sessionSecret.name} has a value \`${sessionSecret.key}\` of fewer than ${sessionSecret.minimumBytes} bytes`;
}

/** Namespaces of one group that have keys. Envoy copies all keys into each request of a session, a hundred bytes for each at the most. */
const mostNamespaces = 256;

/**
 * The group with the keys of its sessions as one more secret: one for each namespace whose routes have sessions. Every group with
 * listeners that choose routes has that secret, also without a session: the listeners name it, and a route never changes these.
 * Where namespaces are too many, those with a Secret of their own come first, then the order of names decides; the routes of the
 * others keep no sessions, and each gives `SessionsNotKept`.
 * @param seed what keys are made of where a namespace has none of its own; as secret as they are.
 */
export function withSessionKeys(group: Group, view: StoreView, seed: string, report: Report): Group {
  if (group.listeners.every(({ direction }) => direction === 'inbound')) return group;
  const routes = routesWithSessions(group);
  const all = [...routes.keys()];
  const namespaces = all.length > mostNamespaces ? chosen(all, view) : all;
  const kept = new Set(namespaces);
  for (const [namespace, refused] of routes) if (!kept.has(namespace)) reportRefused(refused, namespace, group.name, report);
  const secret: GenericSecret = {
    type: 'generic',
    name: sessionKeysName,
    text: sessionKeysText(new Map(namespaces.map((namespace) => [namespace, keyOf(view, namespace, seed)]))),
    origins: namespaces.flatMap((namespace) => view.get('Secret', namespace, sessionSecret.name)?.origin() ?? []),
  };
  return { ...group, secrets: byName([...group.secrets, secret]) };
}

function chosen(namespaces: readonly string[], view: StoreView): readonly string[] {
  const byNames = namespaces.toSorted((a, b) => (a < b ? -1 : 1));
  const { own = [], made = [] } = Object.groupBy(byNames, (namespace) => (keyProblem(view, namespace) === undefined ? 'own' : 'made'));
  return [...own, ...made].slice(0, mostNamespaces);
}

function reportRefused(routes: readonly Route[], namespace: string, group: string, report: Report): void {
  const message = `More than ${mostNamespaces} namespaces of the group ${group} have sessions, and those of ${namespace} are not kept: requests go to any endpoint.`;
  const remedy = 'Give some Gateways a group of their own (GatewayConfig `group`), or a namespace that matters a Secret `sluice-session`: these come first.';
  for (const { origins } of routes) if (origins[0]) report(diagnostic('SessionsNotKept', origins[0], message, remedy));
}

/** The routes that keep sessions, by the namespace whose key seals them. */
function routesWithSessions({ routeConfigurations }: Group): ReadonlyMap<string, readonly Route[]> {
  const found = new Map<string, Route[]>();
  for (const { name, virtualHosts } of routeConfigurations) {
    for (const sessions of sessionsOf(name, virtualHosts)) {
      if (sessions === noSessions) continue;
      for (const [namespace, route] of sessions) {
        const routes = found.get(namespace);
        if (routes) routes.push(route);
        else found.set(namespace, [route]);
      }
    }
  }
  return found;
}

type Session = readonly [namespace: string, route: Route];

const noSessions: readonly Session[] = [];

/** Of each virtual host; most have none. */
const sessionsOf = eachOfListAtOnce(({ routes }: VirtualHost): readonly Session[] => {
  const found = routes.flatMap((route): Session[] =>
    route.action.type === 'forward' && route.action.session ? [[route.action.session.namespace, route]] : [],
  );
  return found.length > 0 ? found : noSessions;
});

/** 32 hexadecimal characters. One way: neither the value of the Secret nor the seed goes to anybody. */
function keyOf(view: StoreView, namespace: string, seed: string): string {
  const value = keyProblem(view, namespace) === undefined ? writtenKey(view, namespace) : undefined;
  const digest =
    value === undefined ? createHmac('sha256', seed).update(`sluice session ${namespace}`).digest('hex') : hash('sha256', `sluice session ${value}`, 'hex');
  return digest.slice(0, 32);
}

function writtenKey(view: StoreView, namespace: string): string | undefined {
  return secretText(view.get('Secret', namespace, sessionSecret.name)?.object ?? {}, sessionSecret.key);
}
