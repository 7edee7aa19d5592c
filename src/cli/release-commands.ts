import { Argument, type Command } from 'commander';
import type { ReleaseAnswer } from '../admin/api/release.ts';
import { type AskingOptions, asked, withAsking } from './asking.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';
import { releaseText } from './release-text.ts';

type Options = AskingOptions & { readonly output: OutputFormat; readonly group?: string; readonly why?: string };

const groupArgument = (): Argument => new Argument('[group]', 'which group; default: `default`, or the only one');

/** `sluice confirm [GROUP]`: lets out what is held. */
export function addConfirm(program: Command, context: CommandContext): void {
  const command = program
    .command('confirm')
    .summary('let out what is held of a group')
    .description('let out what is held of a group, and give what is tried on a few Envoys to all')
    .addArgument(groupArgument());
  withExamples(changing(command), [
    ['sluice confirm', 'yes, it is meant to be removed'],
    ['sluice confirm sidecar/shop/web', 'of another group'],
  ]).action((group: string | undefined, options: Options) => change(context, options, 'confirm', { group }));
}

/** `sluice discard [GROUP]`: keeps back what is held. */
export function addDiscard(program: Command, context: CommandContext): void {
  const command = program
    .command('discard')
    .summary('keep back what is held of a group')
    .description('keep back what is held of a group until something newer is built, and take back what is tried on a few Envoys')
    .addArgument(groupArgument());
  withExamples(changing(command), [['sluice discard', 'no, it is a mistake that is being mended']]).action((group: string | undefined, options: Options) =>
    change(context, options, 'discard', { group }),
  );
}

/** `sluice pin [GROUP]`: keeps what is served. */
export function addPin(program: Command, context: CommandContext): void {
  const command = program
    .command('pin')
    .summary('keep what a group is served')
    .description('keep the revision that a group is served: newer ones are built and held, endpoints and secrets go on; holds over restarts with --state-dir')
    .addArgument(groupArgument())
    .option('--why <text>', 'shown by `sluice status`');
  withExamples(changing(command), [['sluice pin --why "sale until Monday"', 'no change of the configuration until `sluice unpin`']]).action(
    (group: string | undefined, { why, ...options }: Options) => change(context, options, 'pin', { group, why }),
  );
}

/** `sluice unpin [GROUP]`: goes on with the newest revision. */
export function addUnpin(program: Command, context: CommandContext): void {
  const command = program
    .command('unpin')
    .summary('let a group go on with its newest revision')
    .description('let a group that is pinned or was rolled back go on with its newest revision')
    .addArgument(groupArgument());
  withExamples(changing(command), [['sluice unpin', 'the objects hold again']]).action((group: string | undefined, options: Options) =>
    change(context, options, 'unpin', { group }),
  );
}

/** `sluice rollback REVISION`: serves an older revision. */
export function addRollback(program: Command, context: CommandContext): void {
  const command = program
    .command('rollback')
    .summary('serve an older revision, and pin it')
    .description('serve the configuration of an older revision with the endpoints and secrets of today, and pin it; `sluice history` lists revisions')
    .argument('<revision>', 'its name or the first characters of it, or: previous')
    .option('-g, --group <group>', 'which group; default: `default`, or the only one');
  withExamples(changing(command), [
    ['sluice rollback 926100252f5b0bc2', 'as it was then; `sluice unpin` goes on with the newest'],
    ['sluice rollback previous', 'the one before what is served'],
  ]).action((revision: string, { group, ...options }: Options) => change(context, options, 'rollback', { group, revision }));
}

function changing(command: Command): Command {
  return withAsking(withOutput(command), { offline: false });
}

/** Asks the server for a change, and prints how the group is afterwards. */
async function change(context: CommandContext, { output, ...asking }: Options, name: string, body: object): Promise<void> {
  const api = await asked(asking, context);
  const answer = await api.post<ReleaseAnswer>(name, body);
  context.terminal.print(rendered(output, answer, () => answerText(context, answer)));
}

function answerText({ terminal, clock }: CommandContext, { group, notes, release }: ReleaseAnswer): string {
  const served =
    release?.served === undefined ? `group ${group} is gone, its Envoys keep what they have` : `group ${group} is served revision ${release.served}`;
  return [served, ...notes, release ? releaseText(terminal, release, clock.now()) : ''].filter((line) => line !== '').join('\n');
}
