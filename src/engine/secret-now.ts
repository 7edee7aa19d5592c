import type { Report } from '../diagnostic.ts';
import type { Secret } from '../ir/secret.ts';
import type { Resource } from '../resource.ts';
import type { StoreView } from '../store/view.ts';
import { authoritySecret } from '../translate/authority.ts';
import { ticketKeysSecret } from '../translate/ingress/ticket-keys.ts';
import { servedCertificate } from '../translate/tls.ts';
import { secretResource } from '../xds/secret.ts';

/** Whoever asks here only wants to know whether it is there. */
const nobody: Report = () => {};

/**
 * A secret by the objects as they are now, by the name that listeners and clusters ask for it by (see `certificateName`,
 * `authorityName`, `ticketKeysName`). Undefined: an object that it is made of is gone, or not readable.
 */
export function secretNow(view: StoreView, name: string): Resource | undefined {
  const secret = objectsNow(view, name);
  return secret && secret.name === name ? secretResource(secret) : undefined;
}

function objectsNow(view: StoreView, name: string): Secret | undefined {
  const [kind, namespace = '', object] = name.split('/');
  if (object === undefined) return certificateNow(view, name);
  return kind === 'authority' ? authorityNow(view, name) : ticketKeysSecret(view, namespace, object);
}

function certificateNow(view: StoreView, name: string): Secret | undefined {
  const [namespace = '', secret = ''] = name.split('/');
  return servedCertificate(view, namespace, secret, () => ({}), 'it is not there', nobody)?.secret;
}

function authorityNow(view: StoreView, name: string): Secret | undefined {
  const holders = name
    .slice('authority/'.length)
    .split('+')
    .map((text) => text.split('/'));
  const namespace = holders[0]?.[1] ?? '';
  const references = holders.map(([kind = '', , holder = '']) => ({ kind: kind === 'secret' ? 'Secret' : 'ConfigMap', name: holder, at: () => ({}) }));
  return authoritySecret(view, namespace, references, nobody);
}
