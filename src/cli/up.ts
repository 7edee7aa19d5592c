import { hash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { destination, pino } from 'pino';
import { parseAddress } from '../address.ts';
import type { Config } from '../config/config.ts';
import { kubernetesOptions } from '../config/kubernetes-options.ts';
import { limitOptions } from '../config/limit-options.ts';
import type { GivenOptions } from '../config/server-options.ts';
import type { PlannedPort } from '../launch/ports.ts';
import { up } from '../launch/up.ts';
import type { Server } from '../server/server.ts';
import { type ServerAuthz, serverAuthz } from './authz-access.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { notStarted, serverStart, withServerOptions } from './server-options.ts';

/** Keeps logs and state of `up`, in the folder that it is started in. */
const stateFolder = '.sluice';

/** `sluice up [DIR]`: server and Envoys together on this machine, for trying out. */
export function addUp(program: Command, context: CommandContext): void {
  const command = program
    .command('up')
    .summary('start server and Envoys together on this machine, for trying out')
    .description(
      `server and Envoys together on this machine, for trying out; finds Envoy or fetches it, keeps logs and revisions in ${stateFolder}/, ends everything when interrupted`,
    )
    .argument('[dir]', 'folder of objects', '.');
  withExamples(
    withServerOptions(command, [
      'config',
      ...kubernetesOptions.map(({ key }) => key),
      'readOnly',
      'provision',
      'insecure',
      'tlsCert',
      'tlsKey',
      'tlsClientCa',
      'trustDomain',
      'stateDir',
      'startFromState',
      'envoyAdmin',
      'envoyViewPort',
      ...limitOptions.map(({ key }) => key),
    ]),
    [
      ['sluice up examples/quickstart', 'the demo shop, with its backends'],
      ['sluice up deploy/ --http-port 9080 --https-port 9443', 'your own folder, on other ports'],
    ],
  ).action(async (dir: string, given: GivenOptions) => {
    const { config, token } = serverStart({ ...given, config: [dir], kubernetes: false, stateDir: stateDirOf(dir) }, context);
    const { settings } = config;
    const state = resolve(stateFolder);
    const log = pino(
      { level: config.logLevel, timestamp: pino.stdTimeFunctions.isoTime },
      destination({ dest: join(state, 'server.log'), mkdir: true, sync: true }),
    );
    await up({
      folder: dir,
      stateFolder: state,
      env: context.env,
      ports: plannedPorts(config),
      httpPort: settings.httpPort,
      httpsPort: settings.httpsPort,
      print: (line) => context.terminal.print(line),
      signal: context.signal,
      async startServer(folders) {
        const { startServer } = await import('../server/server.ts');
        let authz: ServerAuthz | undefined;
        let server: Server;
        try {
          authz = serverAuthz({ ...config, stateDir: state }, true, (message) => log.error(message));
          server = await startServer({ ...config, ...token, config: folders, ...(authz.access && { authz: authz.access }), log });
        } catch (error) {
          await authz?.stop();
          throw notStarted(error);
        }
        authz.follow(server);
        const ending = authz;
        return {
          xdsAddress: server.xdsAddress,
          adminAddress: server.adminAddress,
          isReady: () => server.engine.isReady(),
          // gRPC clients are no Envoys.
          groups: () => server.engine.groups().filter((name) => !server.engine.group(name)?.dialNames),
          followEnvoys: server.followEnvoys,
          stop: async () => {
            await Promise.all([server.stop(), ending.stop()]);
          },
        };
      },
    });
  });
}

/** Each folder of objects has a past of its own: another one is no change of the first. */
function stateDirOf(dir: string): string {
  const path = resolve(dir);
  return resolve(stateFolder, 'state', `${basename(path)}-${hash('sha256', path, 'hex').slice(0, 8)}`);
}

function plannedPorts({ xdsAddress, adminAddress, settings }: Config): readonly PlannedPort[] {
  const own = [
    { address: parseAddress(xdsAddress), purpose: 'the xDS server', option: '--xds-address HOST:PORT' },
    { address: parseAddress(adminAddress), purpose: 'the admin API', option: '--admin-address HOST:PORT' },
    { address: { host: settings.listenAddress, port: settings.httpPort }, purpose: 'HTTP', option: '--http-port PORT' },
    { address: { host: settings.listenAddress, port: settings.httpsPort }, purpose: 'HTTPS', option: '--https-port PORT' },
  ];
  return own.flatMap(({ address, purpose, option }) => (address ? [{ ...address, purpose, remedy: `${option} takes another one.` }] : []));
}
