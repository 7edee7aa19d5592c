import type { Command } from 'commander';
import type { StatusAnswer } from '../admin/api/status.ts';
import { type AskingOptions, asked, withAsking } from './asking.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { type OutputFormat, rendered, show, withOutput, withWatch } from './output.ts';
import { statusText } from './status-text.ts';

/** `sluice status`: one line an Envoy, then the sources, then what is held. */
export function addStatus(program: Command, context: CommandContext): void {
  const command = program
    .command('status')
    .summary('show how the Envoys, the sources and the server are')
    .description('how the Envoys, the sources and the server are');
  withExamples(withAsking(withWatch(withOutput(command)), { offline: false }), [
    ['sluice status', 'every Envoy: what it shall have, what it has, what it refused'],
    ['sluice status --watch', 'the same, again and again'],
    ['sluice status -o json | jq .nodes', 'for a script'],
  ]).action(async ({ output, watch = false, ...asking }: AskingOptions & { readonly output: OutputFormat; readonly watch?: boolean }) => {
    const api = await asked(asking, context);
    await show(context, watch, async () => {
      const answer = await api.get<StatusAnswer>('status');
      context.status = hasProblems(answer) ? 1 : 0;
      return rendered(output, answer, () => statusText(context.terminal, answer));
    });
  });
}

function hasProblems({ ready, nodes, diagnostics }: StatusAnswer): boolean {
  return (
    !ready || diagnostics.error > 0 || nodes.some((node) => node.reason !== undefined || Object.values(node.types).some(({ state }) => state === 'NACKED'))
  );
}
