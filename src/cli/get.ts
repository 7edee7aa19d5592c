import { Argument, type Command } from 'commander';
import type { ResourcesAnswer } from '../admin/api/resources.ts';
import type { SplitsAnswer } from '../admin/api/splits.ts';
import { type ResourceType, resourceTypes } from '../resource.ts';
import { type AskingOptions, withAsking } from './asking.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { getText } from './get-text.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';
import { splitText } from './split-text.ts';
import { show, withWatch } from './watch.ts';

/** `sluice get TYPE [NAME]`: what is served, by type. */
export function addGet(program: Command, context: CommandContext): void {
  const command = program
    .command('get')
    .summary('list what is served, by type')
    .description('what is served, by type, as a table; exit status 1 where NAME is not there')
    .addArgument(new Argument('<type>', 'what to list').choices([...resourceTypes, 'splits']))
    .argument('[name]', 'only the one of this name; for routes also a host name, for endpoints the cluster, for splits a route, a host name or a cluster')
    .option('-g, --group <group>', 'only what this group is served');
  withExamples(withAsking(withWatch(withOutput(command)), { offline: true }), [
    ['sluice get clusters', 'all clusters of all groups'],
    ['sluice get endpoints default/catalog/80 --watch', 'one cluster, as its endpoints come and go'],
    ['sluice get routes shop.example.com', 'the routes of a host, in the order in which they are tried'],
    ['sluice get splits', 'the shares of canaries: wanted, acknowledged by the Envoys, and measured'],
    ['sluice get secrets -o yaml', 'fingerprints and validity; never a value'],
  ]).action(
    async (
      type: ResourceType | 'splits',
      name: string | undefined,
      { output, watch = false, group, ...asking }: AskingOptions & { readonly output: OutputFormat; readonly watch?: boolean; readonly group?: string },
    ) => {
      await show(context, asking, { watch, events: ['groups'], isPolled: type === 'splits' }, async (api) => {
        if (type === 'splits') {
          const splits = await api.get<SplitsAnswer>('splits', { group, name });
          context.status = name !== undefined && splits.rows.length === 0 ? 1 : 0;
          return rendered(output, splits, () => splitText(context.terminal, splits), watch);
        }
        const answer = await api.get<ResourcesAnswer>(`resources/${type}`, { group, name });
        context.status = name !== undefined && answer.rows.length === 0 ? 1 : 0;
        return rendered(output, answer, () => getText(context.terminal, answer, context.clock.now()), watch);
      });
    },
  );
}
