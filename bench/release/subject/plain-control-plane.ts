import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAddress } from '../../../src/address.ts';
import { freePorts } from '../../free-ports.ts';
import { startPlainEnvoy } from '../../plain-envoy.ts';
import { lineOf } from '../../started.ts';
import { grpcHost, httpHost, type Wanted } from '../wanted.ts';
import type { Subject, SubjectOptions } from './subject.ts';

/** A real Envoy under a plain server on go-control-plane; nothing is set that Envoy has a default for. */
export async function startPlainControlPlane({ run, folder, wanted, envoy: binary, binaries, workers }: SubjectOptions): Promise<Subject> {
  const { children } = run;
  const { http, https, port } = await freePorts('http', 'https', 'port');
  const file = join(folder, 'wanted.json');
  async function write(next: Wanted): Promise<void> {
    const text = JSON.stringify({ ...next, httpPort: http, httpsPort: https, httpHost, grpcHost });
    await writeFile(`${file}.next`, text);
    await rename(`${file}.next`, file);
  }
  async function startServer() {
    const logFile = join(folder, 'server.log');
    const child = children.start({ command: binaries.peer, args: ['-wanted', file, '-xds', `127.0.0.1:${port}`], logFile });
    const { xds, changes } = await lineOf<{ readonly xds: string; readonly changes: string }>(logFile, child, (line) => 'changes' in line);
    return { xds, changes, stop: child.stop };
  }

  await write(wanted);
  let server = await startServer();
  const envoy = await startPlainEnvoy({
    binary,
    bootstrap: bootstrap(server.xds),
    folder: join(folder, 'envoy'),
    children,
    concurrency: workers,
  });
  return {
    ports: { http, https, grpc: http },
    pid: envoy.pid,
    async apply(next) {
      await write(next);
      const response = await fetch(`http://${server.changes}/apply`, { method: 'POST' });
      if (!response.ok) throw new Error(`go-control-plane: ${await response.text()}`);
    },
    async restartServer() {
      await server.stop();
      server = await startServer();
    },
    async stop() {
      await Promise.all([envoy.stop(), server.stop()]);
    },
  };
}

/** As Envoy's documentation shows it. */
function bootstrap(xds: string) {
  const { host, port } = parseAddress(xds) ?? { host: '', port: 0 };
  const address = { socket_address: { address: host, port_value: port } };
  const protocol = {
    '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    explicit_http_config: { http2_protocol_options: {} },
  };
  return {
    node: { id: 'edge', cluster: 'edge' },
    dynamic_resources: {
      ads_config: { api_type: 'GRPC', transport_api_version: 'V3', grpc_services: [{ envoy_grpc: { cluster_name: 'xds' } }] },
      cds_config: { ads: {}, resource_api_version: 'V3' },
      lds_config: { ads: {}, resource_api_version: 'V3' },
    },
    static_resources: {
      clusters: [
        {
          name: 'xds',
          type: 'STATIC',
          load_assignment: { cluster_name: 'xds', endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
          typed_extension_protocol_options: { 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': protocol },
        },
      ],
    },
  };
}
