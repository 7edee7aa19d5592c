import type { Clock } from '../clock.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import type { ClusterClient } from '../kubernetes/client.ts';
import type { IngressSettings } from '../settings.ts';

/** Where clients find the Envoys, as far as it is said. */
export interface PublishedAddresses {
  /** IP addresses and host names, sorted. Undefined: nobody says, or the Service was never read. */
  now(): readonly string[] | undefined;
  stop(): void;
}

/** A load balancer gets its address some time after its Service: it is asked again and again. */
const askMs = 10_000;

/** What of a Service matters here. @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ */
export interface PublishedService {
  readonly spec?: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly externalName?: string;
    readonly externalIPs?: readonly string[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] } };
}

/** By what a Service can be reached, as ingress-nginx tells it; empty while a load balancer has no address. */
export function addressesOfService({ spec = {}, status }: PublishedService): readonly string[] {
  const { type = 'ClusterIP', clusterIP = '', externalName = '', externalIPs = [] } = spec;
  const balancers = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []);
  const inside = clusterIP === '' || clusterIP === 'None' ? [] : [clusterIP];
  const found = {
    ClusterIP: [...inside, ...externalIPs],
    NodePort: externalIPs.length > 0 ? externalIPs : inside,
    LoadBalancer: [...balancers, ...externalIPs],
    ExternalName: [externalName],
  };
  return [...new Set(found[type as keyof typeof found] ?? [])].filter((address) => address !== '').toSorted();
}

/**
 * Follows where clients find the Envoys.
 * @param onChange told when `now` gives something else.
 * @param onError told why the Service cannot be read, each time.
 */
export function followPublishedAddresses(
  client: Pick<ClusterClient, 'ask'>,
  clock: Clock,
  { publishService, publishStatusAddresses }: Partial<IngressSettings>,
  onChange: () => void,
  onError: (error: unknown) => void,
): PublishedAddresses {
  let addresses: readonly string[] | undefined = publishStatusAddresses?.toSorted();
  let cancel = (): void => undefined;
  let isStopped = false;
  const [namespace, name] = publishService?.split('/') ?? [];

  async function ask(): Promise<void> {
    try {
      const service = (await client.ask({ path: `/api/v1/namespaces/${namespace}/services/${name}` })) as PublishedService;
      set(addressesOfService(service));
    } catch (error) {
      // A Service that is gone has no address; one that cannot be asked for keeps those it had.
      if (error instanceof ApiError && error.status === 404) set([]);
      if (!isStopped) onError(error);
    }
    if (!isStopped) cancel = clock.after(askMs, () => void ask());
  }

  function set(next: readonly string[]): void {
    if (isStopped || next.join() === addresses?.join()) return;
    addresses = next;
    onChange();
  }

  if (!addresses && name !== undefined) void ask();
  return {
    now: () => addresses,
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
