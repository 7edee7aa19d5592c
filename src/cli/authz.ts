import type { Command } from 'commander';
import { authzKeyIn } from '../authz/key-file.ts';
import { reasonOf } from '../reason.ts';
import { readVersion } from '../version.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';

interface AuthzFlags {
  readonly listen: string;
  readonly keyFile: string;
}

/** `sluice authz`: the auth service, until it is asked to end. */
export function addAuthz(program: Command, context: CommandContext): void {
  const command = program
    .command('authz')
    .summary('start the auth service, which checks passwords for Envoys')
    .description(
      'checks passwords for Envoys (auth-type: basic) and keeps answers of auth-url for them, until interrupted; it needs no server while it runs. `sluice serve` and `sluice up` start one on this machine by themselves',
    )
    .requiredOption('--listen <address>', 'HOST:PORT or unix:PATH that Envoys reach; for Envoys alone')
    .requiredOption('--key-file <file>', 'key that it shares with the server (--authz-key-file there); made where it is missing');
  withExamples(command, [
    ['sluice authz --listen 127.0.0.1:18005 --key-file /var/lib/sluice/authz.key', 'beside an Envoy on another machine than the server'],
  ]).action(async ({ listen, keyFile }: AuthzFlags) => {
    // Loaded when needed: the other commands start without it.
    const { startAuthz } = await import('../authz/server.ts');
    const server = await Promise.resolve()
      .then(() => startAuthz({ listen, key: authzKeyIn(keyFile), version: readVersion() }))
      .catch((error: unknown) => {
        throw new CommandError(`the auth service was not started: ${reasonOf(error)}`, { cause: error });
      });
    context.terminal.print(`the auth service listens on ${server.address}`);
    await ended(context.signal);
    await server.stop();
  });
}

/** A server that started it for itself takes it along. */
function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    process.once('disconnect', resolve);
  });
}
