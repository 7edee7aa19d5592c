import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Command, InvalidArgumentError } from 'commander';
import { addressOf, type ClientCensus, clientCensus, type Doubt } from '../explain/client-census.ts';
import { isCidr } from '../kind/own/cidr.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

interface ClientsFlags {
  readonly output: OutputFormat;
  readonly nodes?: readonly string[];
}

/** `sluice clients`: who the clients of an access log are, and whether they are the real ones. */
export function addClients(program: Command, context: CommandContext): void {
  const command = program
    .command('clients')
    .summary('tell from an access log whether the gateway sees the real clients')
    .description(
      'who the clients of an access log are; exit status 1 where they look like load balancers or nodes that hide the real ones: addresses of 100.64.0.0/10 or of nodes, or hardly any different ones',
    )
    .argument('[file]', 'access log of Envoy as Sluice writes it, or one whose lines begin with the address, as that of nginx (default: the standard input)')
    .option('--nodes <network>', 'network of the nodes, as ADDRESS/LENGTH; may be repeated', networks);
  withExamples(withOutput(command), [
    ['kubectl logs deploy/envoy --since 1h | sluice clients --nodes 10.0.0.0/16', 'does a load balancer or kube-proxy hide the clients?'],
    ['sluice clients access.log -o json', 'of a file, for a script'],
  ]).action(async (file: string | undefined, { output, nodes = [] }: ClientsFlags) => {
    const census = clientCensus(await countedIn(file), nodes);
    if (census.requests === 0) throw new CommandError('no line names the address of a client', { remedy: 'Give an access log of Envoy or nginx.' });
    context.terminal.print(rendered(output, census, () => censusText(context.terminal, census)));
    context.status = census.doubts.length > 0 ? 1 : 0;
  });
}

function networks(text: string, before: readonly string[] = []): readonly string[] {
  if (!isCidr(text)) throw new InvalidArgumentError('Write it as ADDRESS/LENGTH.');
  return [...before, text];
}

/** Requests by the address of their client. */
async function countedIn(file: string | undefined): Promise<ReadonlyMap<string, number>> {
  const input = file === undefined ? process.stdin : createReadStream(file);
  const counts = new Map<string, number>();
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const address = addressOf(line);
      if (address !== undefined) counts.set(address, (counts.get(address) ?? 0) + 1);
    }
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
  return counts;
}

function censusText(terminal: Terminal, { requests, addresses, largest, doubts }: ClientCensus): string {
  const rows = largest.map((one) => [one.address, String(one.requests), percent(one.requests, requests)]);
  return [
    table(['CLIENT', 'REQUESTS', 'SHARE'], rows),
    `${requests} ${requests === 1 ? 'request' : 'requests'} of ${addresses} ${addresses === 1 ? 'address' : 'addresses'}`,
    ...doubts.map((doubt) => terminal.paint('yellow', doubtText(doubt, requests))),
  ].join('\n');
}

function doubtText({ sign, requests, addresses }: Doubt, all: number): string {
  const share = percent(requests, all);
  switch (sign) {
    case 'shared':
      return `${share} come from 100.64.0.0/10: a load balancer in FullNAT mode seems to hide the clients. Let it speak the PROXY protocol.`;
    case 'nodes':
      return `${share} come from nodes: kube-proxy seems to hide the clients. Say externalTrafficPolicy: Local.`;
    case 'few':
      return `${share} come from ${addresses === 1 ? 'one address' : `${addresses} addresses`}: something in front seems to hide the clients, unless there are no others.`;
  }
}

function percent(part: number, all: number): string {
  return `${Number(((100 * part) / all).toFixed(1))}%`;
}
