import { type Command, Option } from 'commander';
import type { DiffAnswer } from '../admin/api/diff.ts';
import type { EncodedSnapshotAnswer } from '../admin/api/encoded.ts';
import { type AskingOptions, asked, withAsking } from './asking.ts';
import type { CommandContext } from './context.ts';
import { snapshotOf } from './encoded-snapshot.ts';
import { withExamples } from './examples.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';
import { planText } from './plan-text.ts';

/** Options of the commands that compare. */
export interface ComparingOptions extends AskingOptions {
  readonly output: OutputFormat;
  readonly group?: string;
  readonly raw?: boolean;
  readonly exitCode?: boolean;
}

/** Adds what the commands that compare have in common. */
export function withComparing(command: Command): Command {
  return withOutput(command)
    .addOption(new Option('--raw', 'a unified diff of what Envoy gets, as YAML; of secrets only the hash').conflicts('output'))
    .option('--exit-code', 'exit status 1 where anything differs');
}

/** `sluice diff A B`: what differs between two revisions of a group. */
export function addDiff(program: Command, context: CommandContext): void {
  const command = program
    .command('diff')
    .summary('compare two revisions of a group')
    .description('what differs between two revisions of a group, and what going from the first to the second means for connections and users')
    .argument('[from]', 'revision, or the beginning of its name; also served, newest, previous', 'previous')
    .argument('[to]', 'the same', 'served')
    .option('-g, --group <group>', 'group of Envoys, also one that is gone (default: "default", or the only one)');
  withExamples(withAsking(withComparing(command), { offline: false }), [
    ['sluice diff', 'what the last change was'],
    ['sluice diff served 3b44b2c2', 'what a rollback to that revision would do'],
    ['sluice diff previous newest --raw', 'the same as Envoy sees it'],
  ]).action(async (from: string, to: string, { output, group, raw = false, exitCode = false, ...asking }: ComparingOptions) => {
    const api = await asked(asking, context);
    const answer = await api.get<DiffAnswer>('diff', { group, from, to });
    if (raw) {
      const side = async (revision: string | undefined) =>
        snapshotOf(await api.get<EncodedSnapshotAnswer>('snapshot/encoded', { group: answer.group, revision }));
      const { rawDiff } = await import('./raw-diff.ts');
      context.terminal.print(rawDiff(await side(answer.from), await side(answer.to)).trimEnd());
    } else context.terminal.print(rendered(output, answer, () => planText(context.terminal, answer)));
    if (exitCode && answer.change !== 'none') context.status = 1;
  });
}
