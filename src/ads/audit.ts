import type { ResourceType } from '../resource.ts';
import type { ClientIdentity } from './client-identity.ts';
import type { Node } from './stream/request.ts';

/** What a stream is, for the log. */
export interface AuditSubject {
  readonly peer: string;
  readonly protocol: 'sotw' | 'delta';
  /** Undefined for ADS. */
  readonly only?: ResourceType;
  /** Undefined: it showed no certificate. */
  readonly client: ClientIdentity | undefined;
  /** By `Clock.steady`. */
  readonly openedAt: number;
}

/** Counts what happens on a stream for the one line about it. */
export interface Audit {
  /** Who the client says it is, believed or not. */
  named(node: Node): void;
  sent(type: ResourceType, bytes: number): void;
  acked(): void;
  nacked(): void;
  /** Who and how. */
  subject(): Readonly<Record<string, unknown>>;
  /** The same with what it was sent and for how long. @param now by `Clock.steady`. */
  summary(now: number): Readonly<Record<string, unknown>>;
}

/** Begins the record of a stream. */
export function createAudit({ peer, protocol, only, client, openedAt }: AuditSubject): Audit {
  const types = new Set<ResourceType>();
  let node: Node | undefined;
  let [answers, bytes, acks, nacks] = [0, 0, 0, 0];
  const subject = () => ({
    ...(node ? { node: node.id, group: node.group, agent: node.agent } : {}),
    peer,
    client: client ? { subject: client.subject, uris: client.uris } : 'no certificate',
    protocol,
    ...(only ? { only } : {}),
  });
  return {
    named(said) {
      node = said;
    },
    sent(type, size) {
      types.add(type);
      answers += 1;
      bytes += size;
    },
    acked() {
      acks += 1;
    },
    nacked() {
      nacks += 1;
    },
    subject,
    summary: (now) => ({ ...subject(), types: [...types], answers, bytes, acks, nacks, openMs: now - openedAt }),
  };
}
