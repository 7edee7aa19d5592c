import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type HostPort, parseAddress } from '../address.ts';
import { bootstrap, defaultMaxConnections, type XdsTls, type XdsTlsFiles } from '../launch/bootstrap.ts';
import { grpcBootstrap } from '../launch/grpc-bootstrap.ts';
import type { Json } from '../proto/codec.ts';
import { reasonOf } from '../reason.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';
import { refuseEmpty } from './refuse-empty.ts';

interface BootstrapFlags {
  readonly node: string;
  readonly group: string;
  readonly xds: string;
  readonly grpc?: boolean;
  readonly sotw?: boolean;
  readonly zone?: string;
  readonly envoyAdminPort: string;
  readonly maxConnections: string;
  readonly healthAddress?: string;
  readonly loadReports: boolean;
  readonly latencyReports: boolean;
  readonly tlsSecrets?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
  readonly to?: string;
  readonly output: OutputFormat;
}

/** `sluice bootstrap`: what an Envoy is started with, so that it asks this server for everything else. */
export function addBootstrap(program: Command, context: CommandContext): void {
  const command = program
    .command('bootstrap')
    .summary('print the bootstrap of an Envoy')
    .description('print the bootstrap of an Envoy; needs no running server')
    .requiredOption('--node <id>', 'name of this Envoy, unique among all')
    .option('-g, --group <group>', 'group whose resources it asks for; sidecar/NAMESPACE/SERVICE for a sidecar', 'default')
    .option('--xds <host:port>', 'xDS address of the server', '127.0.0.1:18000')
    .option('--grpc', 'for a gRPC client without an Envoy: what the file holds that GRPC_XDS_BOOTSTRAP names')
    .option('--sotw', 'state-of-the-world ADS instead of delta')
    .option('--zone <zone>', 'zone that it runs in, for backends that prefer endpoints near by')
    .option('--envoy-admin-port <port>', "port of Envoy's own admin page on 127.0.0.1; 0 takes a free one", '9901')
    .option('--max-connections <number>', 'open client connections above which new ones are refused', String(defaultMaxConnections))
    .option('--health-address <host:port>', 'where it answers /ready (503 while it drains) and /live, for load balancers and probes (default: nowhere)')
    .option('--no-load-reports', 'do not tell the server how many requests went where: the shares that it shows are then not measured')
    .option('--no-latency-reports', 'do not tell the server how long requests took')
    .option('--tls-secrets <dir>', 'mutual TLS to the server: folder with the files that sluice certificates makes for a group; read again when they change')
    .option('--tls-ca <file>', 'instead: TLS to the server: authorities that its certificate is checked against, read when Envoy starts')
    .option('--tls-cert <file>', 'certificate that Envoy shows to the server')
    .option('--tls-key <file>', 'key of that certificate')
    .option('--tls-server-name <name>', 'name that the certificate of the server must have (default: the host of --xds)')
    .option('--to <file>', 'write it into this file instead of printing it');
  withExamples(withOutput(command, ['json', 'yaml']), [
    ['sluice bootstrap --node edge-1 > envoy.json', 'a gateway of the group "default"; then: envoy -c envoy.json --drain-time-s 30'],
    ['sluice bootstrap --node edge-1 --health-address 0.0.0.0:8002', 'with a port that a load balancer asks whether to send requests'],
    ['sluice bootstrap --node shop-1 --group sidecar/default/shop --xds sluice:18000', 'a sidecar'],
    ['sluice bootstrap --grpc --node web-1 --group grpc/shop > xds.json', 'a gRPC client; then: GRPC_XDS_BOOTSTRAP=xds.json'],
    ['sluice bootstrap --node edge-1 --xds sluice:18000 --tls-secrets /etc/envoy/tls', 'with mutual TLS'],
  ]).action((flags: BootstrapFlags) => {
    refuseEmpty(textsOf(flags));
    const client = {
      node: flags.node,
      group: flags.group,
      xds: addressOf('--xds', flags.xds),
      // A variable of a pod may be empty, where its node has no zone.
      ...(flags.zone ? { zone: flags.zone } : {}),
    };
    const tls = tlsOf(flags);
    if (flags.grpc) {
      const files = tls && filesOf(tls);
      hand(grpcBootstrap({ ...client, ...(files && { tls: files }) }), flags, context);
      return;
    }
    const answer = bootstrap({
      ...client,
      ...(tls && { tls }),
      protocol: flags.sotw ? 'sotw' : 'delta',
      admin: { host: '127.0.0.1', port: numberOf('--envoy-admin-port', flags.envoyAdminPort, 0, 65535) },
      ...(flags.healthAddress === undefined ? {} : { health: addressOf('--health-address', flags.healthAddress) }),
      reportsLoad: flags.loadReports,
      reportsLatency: flags.loadReports && flags.latencyReports,
      maxConnections: numberOf('--max-connections', flags.maxConnections, 1, 2 ** 31 - 1),
    });
    hand(answer, flags, context);
  });
}

/** Without a name Envoy does not start, without files it would look for them in `/`. */
function textsOf({ node, group, tlsSecrets, tlsCa, tlsCert, tlsKey, tlsServerName, to }: BootstrapFlags): Readonly<Record<string, string | undefined>> {
  return {
    '--node': node,
    '--group': group,
    '--tls-secrets': tlsSecrets,
    '--tls-ca': tlsCa,
    '--tls-cert': tlsCert,
    '--tls-key': tlsKey,
    '--tls-server-name': tlsServerName,
    '--to': to,
  };
}

/** Prints it, or writes it where it was asked for. */
function hand(answer: Json, { to, output }: BootstrapFlags, { terminal }: CommandContext): void {
  const text = rendered(output, answer, () => '');
  if (to === undefined) terminal.print(text);
  else {
    try {
      writeFileSync(to, `${text}\n`);
    } catch (error) {
      throw new CommandError(`--to ${to} cannot be written: ${reasonOf(error)}`, { cause: error });
    }
  }
}

function addressOf(option: string, text: string): HostPort {
  const address = parseAddress(text);
  if (!address) throw new CommandError(`${option} ${JSON.stringify(text)} is not HOST:PORT`);
  return address;
}

function numberOf(option: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new CommandError(`${option} ${JSON.stringify(text)} is not a whole number from ${min} to ${max}`);
}

function tlsOf({ tlsSecrets, tlsCa, tlsCert, tlsKey, tlsServerName }: BootstrapFlags): XdsTls | undefined {
  const name = tlsServerName === undefined ? {} : { serverName: tlsServerName };
  if (tlsSecrets !== undefined) {
    if ((tlsCa ?? tlsCert ?? tlsKey) === undefined) return { from: { folder: tlsSecrets }, ...name };
    throw new CommandError('--tls-secrets has authorities, certificate and key in it', { remedy: 'Leave out --tls-ca, --tls-cert and --tls-key.' });
  }
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw new CommandError('--tls-cert and --tls-key belong together', { remedy: 'Give both or none.' });
  if (tlsCa === undefined) {
    if (tlsCert === undefined && tlsServerName === undefined) return undefined;
    throw new CommandError('TLS needs --tls-ca', { remedy: 'Name the file with the authorities of the server.' });
  }
  const client = tlsCert === undefined || tlsKey === undefined ? {} : { client: { certificate: tlsCert, key: tlsKey } };
  return { from: { ca: tlsCa, ...client }, ...name };
}

function filesOf({ from }: XdsTls): XdsTlsFiles {
  if (!('folder' in from)) return from;
  throw new CommandError('--tls-secrets is for Envoys', {
    remedy: 'Give --tls-ca, --tls-cert and --tls-key: the same folder has ca.crt, tls.crt and tls.key.',
  });
}
