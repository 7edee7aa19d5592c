import { hash } from 'node:crypto';
import { diagnostic, type Origin, type Report } from '../../diagnostic.ts';
import type { Session } from '../../ir/route.ts';
import { secretText } from '../../kind/secret-text.ts';
import type { StoreView } from '../../store/view.ts';
import type { TrafficSpec } from './effective.ts';
import { type Mark, markOf } from './mark.ts';

/** Secret of a namespace whose value `key` seals what clients are told of their endpoint. */
const sessionSecret = { name: 'sluice-session', key: 'key', minimumBytes: 16 } as const;

/** What an HTTPRoute or GRPCRoute says of sessions. @see https://gateway-api.sigs.k8s.io/geps/gep-1619/ */
export interface RouteSession {
  readonly sessionName?: string | undefined;
  readonly absoluteTimeout?: string | undefined;
  readonly type?: 'Cookie' | 'Header' | undefined;
  readonly cookieConfig?: { readonly lifetimeType?: 'Permanent' | 'Session' | undefined } | undefined;
}

/** Name of the cookie or header where a rule has none. */
const defaultName = 'sluice-session';

/**
 * How requests of a session stay with one endpoint: what the rule says itself, over what policies say. Undefined: they do not.
 * Gives `SessionKeyMissing` where the namespace has no key for it: an address is never shown to clients in plain text.
 * @param at where it is written.
 */
export function sessionOf(
  { sessionAffinity }: TrafficSpec,
  written: RouteSession | undefined,
  { namespace, view, at, report }: { readonly namespace: string; readonly view: StoreView; readonly at: () => Origin; readonly report: Report },
): Session | undefined {
  const asked = written ? askedByRule(written) : sessionAffinity && markOf(sessionAffinity);
  if (!asked) return undefined;
  const value = secretText(view.get('Secret', namespace, sessionSecret.name)?.object ?? {}, sessionSecret.key);
  if (value === undefined || Buffer.byteLength(value) < sessionSecret.minimumBytes) {
    const what =
      value === undefined ? `no value \`${sessionSecret.key}\`` : `a value \`${sessionSecret.key}\` of fewer than ${sessionSecret.minimumBytes} bytes`;
    const message = `The Secret ${namespace}/${sessionSecret.name} has ${what}, so requests of a session may reach different endpoints.`;
    report(
      diagnostic(
        'SessionKeyMissing',
        at(),
        message,
        `Write a Secret ${sessionSecret.name} with a random value \`${sessionSecret.key}\`, as from \`openssl rand -hex 32\`.`,
      ),
    );
    return undefined;
  }
  // One way: the value itself goes to nobody.
  return { ...asked, key: hash('sha256', `sluice session ${value}`, 'hex').slice(0, 32) };
}

function askedByRule({ type, sessionName = defaultName, absoluteTimeout, cookieConfig }: RouteSession): Mark | undefined {
  if (type === 'Header') return markOf({ header: sessionName });
  const isPermanent = cookieConfig?.lifetimeType === 'Permanent';
  return markOf({ cookie: { name: sessionName, ttl: isPermanent ? absoluteTimeout : undefined } });
}
