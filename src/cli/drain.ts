import { type Command, Option } from 'commander';
import { millisecondsOf } from '../config/text-forms.ts';
import { type DrainOutcome, type DrainResult, drainEnvoy } from '../drain/drain-envoy.ts';
import { type DrainLimits, defaultDrainLimits } from '../drain/drain-steps.ts';
import { adminTarget, createEnvoyAdmin, type EnvoyAdmin } from '../drain/envoy-admin.ts';
import { reasonOf } from '../reason.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext, ExitStatus } from './context.ts';
import { drainProgressLine, drainResultLine } from './drain-text.ts';
import { durationText } from './duration-text.ts';
import { withExamples } from './examples.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';
import { tokenIn } from './server-options.ts';

interface DrainFlags {
  readonly envoyAdmin: string;
  readonly notice?: string;
  readonly quiet?: string;
  readonly timeout?: string;
  readonly leaveRunning?: boolean;
  readonly shutdownManager?: boolean;
  readonly listen: string;
  readonly view?: string;
  readonly tokenFile?: string;
  readonly output: OutputFormat;
}

const statuses = { finished: 0, cut: 1, lost: 1, gone: 2, unanswered: 2, interrupted: 1 } as const satisfies Record<DrainOutcome, ExitStatus>;

/** `sluice drain`: ends an Envoy of this machine so that no request fails. */
export function addDrain(program: Command, context: CommandContext): void {
  const { noticeMs, quietMs, timeoutMs } = defaultDrainLimits;
  const command = program
    .command('drain')
    .summary('end an Envoy of this machine without a failed request')
    .description(
      'ends an Envoy of this machine: health checks fail, then new connections are refused, then it is ended once every request has its answer. Exit status 0: all had; 1: some were cut; 2: there was no Envoy to drain',
    )
    .option('--envoy-admin <url>', 'admin page of the Envoy, on loopback or unix:/PATH', 'http://127.0.0.1:9901')
    .addOption(new Option('--notice <duration>', `how long new connections are taken while health checks fail (default: ${durationText(noticeMs)})`))
    .addOption(new Option('--quiet <duration>', `idle connections are closed after this long without any request (default: ${durationText(quietMs)})`))
    .addOption(new Option('--timeout <duration>', `the longest that all of it may take, what is open then is cut (default: ${durationText(timeoutMs)})`))
    .option('--leave-running', 'do not end Envoy: whoever asked does, as Kubernetes and Docker do after their hooks')
    .option('--shutdown-manager', 'stay, and drain when asked: by GET or POST /drain, or by SIGTERM, which ends this command too')
    .option('--listen <host:port>', 'where the shutdown manager answers /drain and /healthz', '127.0.0.1:18004')
    .option('--view <host:port>', 'where the shutdown manager shows which endpoints Envoy leaves out, to `sluice serve --envoy-view-port`')
    .option('--token-file <file>', 'file with the token that /drain asks for, which is needed beyond loopback (or SLUICE_DRAIN_TOKEN)');
  withExamples(withOutput(command), [
    ['sluice drain', 'the Envoy whose admin page is on port 9901'],
    ['sluice drain --envoy-admin unix:/run/envoy/admin.sock --notice 30s --timeout 5m', 'behind a slow load balancer, with long downloads'],
    ['sluice drain --shutdown-manager', 'in a container beside Envoy'],
  ]).action(async (flags: DrainFlags) => {
    if (flags.view !== undefined && !flags.shutdownManager) {
      throw new CommandError('--view is for the shutdown manager alone', { remedy: 'Give --shutdown-manager with it.' });
    }
    const limits = limitsOf(flags);
    const admin = adminOf(flags.envoyAdmin);
    const result = await (flags.shutdownManager ? manage(admin, limits, flags, context) : drain(admin, limits, flags, context, context.signal));
    // What shall end and is not there is no problem of whoever waits for its end.
    context.status = flags.shutdownManager && result.outcome === 'gone' ? 0 : statuses[result.outcome];
    context.terminal.print(rendered(flags.output, result, () => drainResultLine(result, flags.leaveRunning)));
  });
}

/** Progress goes to the standard error: what is printed is the answer. */
function drain(
  admin: EnvoyAdmin,
  limits: DrainLimits,
  { leaveRunning = false }: DrainFlags,
  { clock, terminal }: CommandContext,
  signal: AbortSignal,
): Promise<DrainResult> {
  return drainEnvoy({
    admin,
    limits,
    clock,
    signal,
    leavesRunning: leaveRunning,
    onProgress: (progress) => terminal.complain(drainProgressLine(progress, limits.noticeMs)),
  });
}

async function manage(admin: EnvoyAdmin, limits: DrainLimits, flags: DrainFlags, context: CommandContext): Promise<DrainResult> {
  const { terminal, signal } = context;
  const [{ createShutdownManager }, { createOutView }] = await Promise.all([import('../drain/shutdown-manager.ts'), import('../drain/out-view.ts')]);
  const onBug = (error: unknown): void => terminal.complain(`sluice: this is a bug, please report it: ${error instanceof Error ? error.stack : String(error)}`);
  const token = tokenOf(flags, context);
  const manager = createShutdownManager({
    // Asked to end, it drains first: only a second signal ends it at once.
    drain: async () => {
      const result = await drain(admin, limits, flags, context, new AbortController().signal);
      terminal.complain(drainResultLine(result, flags.leaveRunning));
      return result;
    },
    ...(token === undefined ? {} : { token }),
    onBug,
  });
  const view = createOutView(admin, onBug);
  try {
    const address = await bound('--listen', manager.listen(flags.listen));
    if (flags.view !== undefined) terminal.complain(`shows which endpoints are out on ${await bound('--view', view.listen(flags.view))}`);
    terminal.complain(`drains ${admin.address} when asked on http://${address}/drain, or by SIGTERM`);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return await manager.drain();
  } finally {
    view.stop();
    manager.stop();
  }
}

function bound(option: string, listening: Promise<string>): Promise<string> {
  return listening.catch((error: unknown) => {
    throw new CommandError(reasonOf(error), { remedy: `Name a free address with ${option} HOST:PORT.`, cause: error });
  });
}

function adminOf(text: string): EnvoyAdmin {
  const target = adminTarget(text);
  if (target) return createEnvoyAdmin(target, text);
  throw new CommandError(`--envoy-admin ${JSON.stringify(text)} is no address on this machine`, {
    remedy: 'Give a URL on loopback as http://127.0.0.1:9901, or unix:/PATH. Whoever reaches an admin page can end its Envoy: never open it to others.',
  });
}

function limitsOf(flags: DrainFlags): DrainLimits {
  const duration = (name: 'notice' | 'quiet' | 'timeout', fallback: number): number => {
    const text = flags[name];
    const given = text === undefined ? fallback : millisecondsOf(text);
    if (given !== undefined) return given;
    throw new CommandError(`--${name} ${JSON.stringify(text)} is not a duration as 90s or 5m`);
  };
  const noticeMs = duration('notice', defaultDrainLimits.noticeMs);
  const timeoutMs = duration('timeout', defaultDrainLimits.timeoutMs);
  if (noticeMs < timeoutMs) return { noticeMs, timeoutMs, quietMs: duration('quiet', defaultDrainLimits.quietMs) };
  throw new CommandError(`--notice ${durationText(noticeMs)} leaves nothing of --timeout ${durationText(timeoutMs)} for requests to finish`, {
    remedy: 'Give a longer --timeout.',
  });
}

function tokenOf({ tokenFile }: DrainFlags, { env }: CommandContext): string | undefined {
  return tokenFile === undefined ? env['SLUICE_DRAIN_TOKEN'] || undefined : tokenIn('--token-file', tokenFile);
}
