import { z } from 'zod';
import { ApiError } from '../kubernetes/api-error.ts';
import type { ClusterClient } from '../kubernetes/client.ts';
import type { KeptAges } from '../warm-up/kept-ages.ts';

/** The Lease by whose annotations replicas tell each other what they know, in the namespace of the server. Nobody holds it. */
export const leaseName = 'sluice-replicas';
export const leasesOf = (namespace: string): string => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

/** The annotation in which the replica that writes tells the others how old endpoints are. */
export const agesKey = 'gateway.sluice.dev/ages';

/** All annotations of an object have room for 256 KiB, of which reports have most. */
const mostBytes = 40 * 1024;
/** Who starts does not wait longer. */
const requestMs = 2000;

const schema = z.record(z.string(), z.object({ young: z.record(z.string(), z.number()), idleSince: z.number().exactOptional() }));

/** Ages as they are written, without pools that find no room. Undefined: there is nothing to tell. */
export function agesText(ages: KeptAges): string | undefined {
  let room = mostBytes;
  const fitting = Object.entries(ages).filter((pool) => {
    const size = Buffer.byteLength(JSON.stringify(pool));
    if (size > room) return false;
    room -= size;
    return true;
  });
  return fitting.length === 0 ? undefined : JSON.stringify(Object.fromEntries(fitting));
}

/** Undefined: there are none, or another version of Sluice wrote them. */
export function readAges(text: string | undefined): KeptAges | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    // No JSON.
    return undefined;
  }
}

/** What the replica that writes has told last of ages. @throws {Error} where that cannot be read. */
export async function agesOfReplicas({ ask, namespace }: Pick<ClusterClient, 'ask' | 'namespace'>): Promise<KeptAges> {
  try {
    const { metadata } = (await ask({ path: `${leasesOf(namespace)}/${leaseName}`, timeoutMs: requestMs })) as {
      readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
    };
    return readAges(metadata.annotations?.[agesKey]) ?? {};
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return {};
    throw error;
  }
}
