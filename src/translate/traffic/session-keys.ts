import { createHmac, hash } from 'node:crypto';
import type { Group } from '../../ir/gateway.ts';
import { sessionKeysName } from '../../ir/names.ts';
import type { GenericSecret } from '../../ir/secret.ts';
import { sessionKeysText } from '../../ir/session-keys.ts';
import { secretText } from '../../kind/secret-text.ts';
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

/**
 * The group with the keys of its sessions as one more secret: one for each namespace whose routes have sessions. Every group with
 * listeners that choose routes has that secret, also without a session: the listeners name it, and a route never changes these.
 * @param seed what keys are made of where a namespace has none of its own; as secret as they are.
 */
export function withSessionKeys(group: Group, view: StoreView, seed: string): Group {
  if (group.listeners.every(({ direction }) => direction === 'inbound')) return group;
  const namespaces = [...new Set(group.routeConfigurations.flatMap(({ virtualHosts }) => virtualHosts.flatMap(({ routes }) => routes.flatMap(namespaceOf))))];
  const secret: GenericSecret = {
    type: 'generic',
    name: sessionKeysName,
    text: sessionKeysText(new Map(namespaces.map((namespace) => [namespace, keyOf(view, namespace, seed)]))),
    origins: namespaces.flatMap((namespace) => view.get('Secret', namespace, sessionSecret.name)?.origin() ?? []),
  };
  return { ...group, secrets: byName([...group.secrets, secret]) };
}

function namespaceOf({ action }: Group['routeConfigurations'][number]['virtualHosts'][number]['routes'][number]): readonly string[] {
  return action.type === 'forward' && action.session ? [action.session.namespace] : [];
}

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
