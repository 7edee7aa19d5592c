import { gatewayGroup } from '../ir/names.ts';
import { certificateFor, groupSubject, heldAuthorities } from '../launch/certificates.ts';
import type { Stored } from '../store/stored.ts';
import type { Authorities } from '../tls/authorities.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import type { ProvisioningConfig } from './config.ts';
import { certificateSecret } from './names.ts';
import type { Found, LiveObject } from './steps.ts';

type Files = Readonly<Record<string, string>>;

/**
 * The authorities that `sluice certificates` keeps in the cluster. Undefined: none yet.
 * @throws {LaunchError} where they are broken.
 */
export async function readAuthorities({ read }: Pick<ClusterObjects, 'read'>, at: ProvisioningConfig['authority']): Promise<Authorities | undefined> {
  const texts = textsOf(await read('Secret', at));
  return heldAuthorities({ nameOf: () => `${at.namespace}/${at.name}`, read: async () => texts });
}

/**
 * The files of the certificate of a Gateway's Envoys: those that are there while they are good, else new ones. Without authorities
 * what is there stays; undefined: there is nothing.
 */
export async function certificateFiles(
  gateway: Stored<'Gateway'>,
  found: readonly Found[],
  authorities: Authorities | undefined,
  { trustDomain, days, now }: { readonly trustDomain: string; readonly days: number; readonly now: number },
): Promise<Files | undefined> {
  const { namespace, name } = certificateSecret(gateway);
  const secret = found.find(({ kind, object: { metadata } }) => kind === 'Secret' && metadata.namespace === namespace && metadata.name === name);
  const held = textsOf(secret?.object);
  if (!authorities) return secret && held;
  const subject = groupSubject(trustDomain, gatewayGroup(gateway.namespace, gateway.name));
  return (await certificateFor(subject, held, { authorities, days, now })).texts;
}

function textsOf(secret: LiveObject | undefined): Files {
  const data = (secret as { readonly data?: Files } | undefined)?.data ?? {};
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Buffer.from(value, 'base64').toString('utf8')]));
}
