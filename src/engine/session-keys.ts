import { sessionKeysName } from '../ir/names.ts';
import { sessionKeysIn, sessionKeysText } from '../ir/session-keys.ts';
import { decode } from '../proto/codec.ts';
import type { Resource } from '../resource.ts';
import { secretResource } from '../xds/secret.ts';

/**
 * The keys of sessions of both, those of today before the older ones. Without either there is none, which listeners that wait for
 * the secret must be told as well: sessions are not kept until their keys are known.
 */
export function joinedSessionKeys(today: Resource | undefined, before: Resource | undefined): Resource {
  const keys = new Map([...keysOf(before), ...keysOf(today)]);
  return secretResource({ type: 'generic', name: sessionKeysName, text: sessionKeysText(keys), origins: (today ?? before)?.origins ?? [] });
}

function keysOf(resource: Resource | undefined): ReadonlyMap<string, string> {
  const secret = resource && decode('envoy.extensions.transport_sockets.tls.v3.Secret', resource.bytes);
  return sessionKeysIn(secret?.generic_secret?.secret?.inline_string ?? '');
}
