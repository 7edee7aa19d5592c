import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { destination, pino } from 'pino';
import type { GivenOptions } from '../config/server-options.ts';
import type { ProvisioningConfig } from '../provision/config.ts';
import { reasonOf } from '../reason.ts';
import type { Server } from '../server/server.ts';
import { type ServerAuthz, serverAuthz } from './authz-access.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { diagnosticLine } from './diagnostic-lines.ts';
import { withExamples } from './examples.ts';
import { notStarted, serverStart, withServerOptions } from './server-options.ts';

/** `sluice serve`: the server, until it is asked to end. */
export function addServe(program: Command, context: CommandContext): void {
  const command = program
    .command('serve')
    .summary('start the server')
    .description('read objects and drive the Envoys that connect, until interrupted; logs JSON lines on the standard output');
  withExamples(withServerOptions(command), [
    ['sluice serve -c deploy/', 'serve a folder to Envoys on this machine'],
    ['sluice serve -c deploy/ --state-dir /var/lib/sluice', 'the same, and keep what was served over restarts'],
    ['sluice serve --kubernetes --state-dir /var/lib/sluice', 'the cluster of KUBECONFIG, or of the pod that this runs in'],
    ['sluice serve -c machines/ --kubernetes --namespace shop', 'a folder, and one namespace of a cluster'],
    ['sluice serve -c base/ -c shop/ --http-port 80 --https-port 443', 'two folders; Envoys bind the ports as written'],
    ['sluice serve -c deploy/ --xds-address 0.0.0.0:18000 --tls-cert tls.crt --tls-key tls.key --tls-client-ca ca.crt', 'with mutual TLS, for other machines'],
  ]).action(async (given: GivenOptions) => {
    const { config, token } = serverStart(given, context);
    const provisioning = config.provisionFile === undefined ? {} : { provisioning: await provisioningIn(config.provisionFile, context) };
    const log = pino({ level: config.logLevel, timestamp: pino.stdTimeFunctions.isoTime }, destination({ dest: 1, sync: true }));
    // Loaded when needed, as in every command that runs a server: the others start without gRPC and the translation.
    const [{ startServer }, { lowerCollectorThreads }] = await Promise.all([import('../server/server.ts'), import('../server/collector-threads.ts')]);
    lowerCollectorThreads();
    let server: Server;
    let authz: ServerAuthz | undefined;
    try {
      authz = serverAuthz(config, false, (message) => log.error(message));
      server = await startServer({ ...config, ...token, ...provisioning, ...(authz.access && { authz: authz.access }), log });
    } catch (error) {
      await authz?.stop();
      throw notStarted(error);
    }
    authz.follow(server);
    log.info({ xds: server.xdsAddress, admin: server.adminAddress }, 'serving');
    await aborted(context.signal);
    log.info('stopping; Envoys keep what they have');
    await Promise.all([server.stop(), authz.stop()]);
    log.info('stopped');
  });
}

/** @throws {CommandError} where the file cannot be read, after telling what is wrong in it. */
async function provisioningIn(file: string, { terminal }: CommandContext): Promise<ProvisioningConfig> {
  // Loaded when needed, as few servers make Envoys.
  const { parseProvisioning } = await import('../provision/config.ts');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`--provision ${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  const { config, diagnostics } = parseProvisioning(text, '--provision');
  for (const diagnostic of diagnostics) terminal.complain(diagnosticLine(terminal, diagnostic));
  if (!config) throw new CommandError('the server was not started');
  return config;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
