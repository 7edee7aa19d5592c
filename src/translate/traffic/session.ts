import { diagnostic, type Origin, type Report } from '../../diagnostic.ts';
import type { Session } from '../../ir/route.ts';
import type { StoreView } from '../../store/view.ts';
import type { TrafficSpec } from './effective.ts';
import { type Mark, markOf } from './mark.ts';
import { keyProblem } from './session-keys.ts';

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
 * Gives `SessionKeyGenerated` where the namespace has no key for it.
 */
export function sessionOf({ sessionAffinity }: TrafficSpec, written: RouteSession | undefined, where: SessionPlace): Session | undefined {
  const asked = written ? askedByRule(written) : sessionAffinity && markOf(sessionAffinity);
  if (!asked) return undefined;
  reportKey(where);
  const { namespace } = where;
  if (asked.type === 'header') return { ...asked, namespace };
  const maxAge = asked.ttlMs ? { maxAgeSeconds: Math.ceil(asked.ttlMs / 1000) } : {};
  return { type: 'cookie', name: asked.name, namespace, attributes: { ...maxAge, path: '/', sameSite: 'Lax', secure: 'by HTTPS' } };
}

/** Where sessions are asked for. */
export interface SessionPlace {
  readonly namespace: string;
  readonly view: StoreView;
  readonly at: () => Origin;
  readonly report: Report;
}

/** Gives `SessionKeyGenerated` where the namespace has no key. */
export function reportKey({ namespace, view, at, report }: SessionPlace): void {
  const problem = keyProblem(view, namespace);
  if (problem !== undefined) {
    const message = `${problem}, so Sluice makes a key for the sessions itself: other replicas have another one, and without \`--state-key-file\` so has Sluice after a restart.`;
    const remedy = 'Write a Secret `sluice-session` with a random value `key`, as from `openssl rand -hex 32`.';
    report(diagnostic('SessionKeyGenerated', at(), message, remedy));
  }
}

function askedByRule({ type, sessionName = defaultName, absoluteTimeout, cookieConfig }: RouteSession): Mark | undefined {
  if (type === 'Header') return markOf({ header: sessionName });
  const isPermanent = cookieConfig?.lifetimeType === 'Permanent';
  return markOf({ cookie: { name: sessionName, ttl: isPermanent ? absoluteTimeout : undefined } });
}
