import type { Command } from 'commander';
import type { WhyAnswer } from '../admin/api/why.ts';
import { type AskingOptions, withAsking } from './asking.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';
import { show, withWatch } from './watch.ts';
import { whyText } from './why-text.ts';

/** `sluice why KIND NAME`: what became of one object. */
export function addWhy(program: Command, context: CommandContext): void {
  const command = program
    .command('why')
    .summary('show what became of one object')
    .description('what became of one object: accepted or not, what it was translated into, which Envoys have it; exit status 1 where it is not accepted')
    .argument('<kind>', 'HTTPRoute, Service, Ingress, …; upper or lower case')
    .argument('<name>', 'name of the object')
    .option('-n, --namespace <namespace>', 'its namespace', 'default');
  withExamples(withAsking(withWatch(withOutput(command)), { offline: true }), [
    ['sluice why httproute shop', 'is it served, and by which Envoys?'],
    ['sluice why service catalog -n billing -o json', 'for a script'],
    ['sluice why ingress blog -c deploy/', 'without a server'],
  ]).action(
    async (
      kind: string,
      name: string,
      { output, watch = false, namespace, ...asking }: AskingOptions & { readonly output: OutputFormat; readonly watch?: boolean; readonly namespace: string },
    ) => {
      await show(context, asking, { watch }, async (api) => {
        const answer = await api.get<WhyAnswer>(`why/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`, { namespace });
        context.status = answer.accepted ? 0 : 1;
        return rendered(output, answer, () => whyText(context.terminal, answer, asking.config === undefined), watch);
      });
    },
  );
}
