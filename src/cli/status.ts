import type { Command } from 'commander';
import type { StatusAnswer } from '../admin/api/status.ts';
import { type AskingOptions, withAsking } from './asking.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';
import { statusText } from './status-text.ts';
import { show, withWatch } from './watch.ts';

/** `sluice status`: one line an Envoy, then the sources, then what is held. */
export function addStatus(program: Command, context: CommandContext): void {
  const command = program
    .command('status')
    .summary('show how the Envoys, the sources and the server are')
    .description('how the Envoys, the sources and the server are');
  withExamples(withAsking(withWatch(withOutput(command)), { offline: false }), [
    ['sluice status', 'every Envoy: what it shall have, what it has, what it refused'],
    ['sluice status --watch', 'the same, again at each change'],
    ['sluice status -o json | jq .nodes', 'for a script'],
  ]).action(async ({ output, watch = false, ...asking }: AskingOptions & { readonly output: OutputFormat; readonly watch?: boolean }) => {
    await show(context, asking, { watch }, async (api) => {
      const answer = await api.get<StatusAnswer>('status');
      context.status = hasProblems(answer) ? 1 : 0;
      return rendered(output, answer, () => statusText(context.terminal, answer), watch);
    });
  });
}

function hasProblems({ ready, nodes, diagnostics, releases }: StatusAnswer): boolean {
  const waits = releases.some(({ held }) => held !== undefined && held.reason !== 'pin');
  return (
    !ready ||
    waits ||
    diagnostics.error > 0 ||
    nodes.some((node) => node.reason !== undefined || Object.values(node.types).some(({ state }) => state === 'NACKED'))
  );
}
