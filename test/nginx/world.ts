import { freePort } from '../e2e/port.ts';
import { type Case, type CaseService, clientAddress } from './case.ts';
import type { Certificates } from './certificates.ts';
import { type Endpoint, type Receipts, startEndpoint, startUdpEndpoint } from './upstream.ts';

/** The backends of a case. */
export interface World extends AsyncDisposable {
  readonly services: ReadonlyMap<string, WorldService>;
  readonly receipts: Receipts;
  /** Replaces `${client}` and `${addr:SERVICE}`. */
  fill(text: string): string;
}

export interface WorldService extends CaseService {
  readonly name: string;
  /** Number of the Service's port. */
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  /** Of endpoints, in order: those that refuse connections too. */
  readonly targets: readonly { readonly address: string; readonly port: number }[];
  /** Set for one that is served at its cluster address. */
  readonly clusterIp?: string;
}

/** The address of Services that have one of their own. */
const clusterIp = '127.0.99.1';

/** Starts the backends that a case names. */
export async function startWorld(one: Case, certificates: Certificates): Promise<World> {
  const receipts: Receipts = [];
  const endpoints: Endpoint[] = [];
  const services = new Map<string, WorldService>();
  const dispose = async (): Promise<void> => {
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  };
  const keep = async (starting: Promise<Endpoint>): Promise<Endpoint> => {
    const endpoint = await starting;
    endpoints.push(endpoint);
    return endpoint;
  };
  try {
    for (const name of serviceNames(one)) {
      const given = one.services?.[name] ?? {};
      const certificate = given.tls ? await certificates.server(['upstream.test']) : undefined;
      const options = { service: name, receipts, certificate, isGrpc: given.grpc === true };
      const isUdp = Object.values(one.udp ?? {}).some((target) => target.includes(`/${name}:`));
      const refusing = name === 'down' ? 1 : (given.dead ?? 0);
      const answering = name === 'down' || given.missing ? 0 : (given.endpoints ?? 1);
      const targets: { readonly address: string; readonly port: number }[] = [];
      for (let index = 0; index < answering; index++) targets.push(await keep(isUdp ? startUdpEndpoint(name) : startEndpoint(options)));
      for (let index = 0; index < refusing; index++) targets.push({ address: '127.0.0.1', port: await freePort() });
      const own = given.cluster_ip ? await keep(startEndpoint({ ...options, address: clusterIp })) : undefined;
      const port = own?.port ?? (given.external_name ? targets[0]?.port : undefined) ?? portOf(one, name);
      services.set(name, { ...given, name, port, protocol: isUdp ? 'UDP' : 'TCP', targets, ...(own ? { clusterIp } : {}) });
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  const fill = (text: string): string =>
    text.replaceAll(/\$\{client\}/g, clientAddress).replaceAll(/\$\{addr:([^}]+)\}/g, (_, name: string) => {
      const target = services.get(name)?.targets[0];
      return `${target?.address}:${target?.port}`;
    });
  return { services, receipts, fill, [Symbol.asyncDispose]: dispose };
}

/** Every service that the case names anywhere. */
function serviceNames(one: Case): ReadonlySet<string> {
  const names = new Set(Object.keys(one.services ?? {}));
  for (const { rules, default: fallback, annotations } of one.ingresses) {
    for (const { svc } of rules?.flatMap(({ paths }) => paths) ?? []) names.add(svc);
    if (fallback) names.add(fallback);
    for (const [key, value] of Object.entries(annotations ?? {})) {
      if (key === 'default-backend') names.add(value);
      for (const [, name] of value.matchAll(/\$\{addr:([^}]+)\}/g)) names.add(name ?? '');
    }
  }
  for (const target of Object.values({ ...one.tcp, ...one.udp })) names.add(/\/([^:]+):/.exec(target)?.[1] ?? '');
  return names;
}

/** What the streams of a case want of the port of a Service; else 80. */
function portOf({ tcp, udp }: Case, name: string): number {
  const target = Object.values({ ...tcp, ...udp }).find((one) => one.includes(`/${name}:`));
  return Number(target?.split(':')[1] ?? 80);
}
