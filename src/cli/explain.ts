import { METHODS } from 'node:http';
import { isIP } from 'node:net';
import type { Command } from 'commander';
import type { ExplainAnswer, ExplainQuestion } from '../admin/api/explain.ts';
import { type AskingOptions, asked, collect, withAsking } from './asking.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { explainText } from './explain-text.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';

interface ExplainFlags extends AskingOptions {
  readonly output: OutputFormat;
  readonly header?: readonly string[];
  readonly clientIp?: string;
  readonly peer?: string;
  readonly group?: string;
}

/** `sluice explain`: the way of one request, and where each step comes from. */
export function addExplain(program: Command, context: CommandContext): void {
  const command = program
    .command('explain')
    .summary('show the way of one request and the line that each step comes from')
    .description(
      'the way of one request: listener, virtual host, route, split, endpoints, and the line that each comes from; exit status 1 where it leads nowhere',
    )
    .usage('[options] [METHOD] URL')
    .argument('<url...>', 'URL as a client would write it, with the written or the bound port; METHOD before it (default: GET)')
    .option('-H, --header <header>', 'NAME: VALUE, may be repeated', collect)
    .option('--client-ip <address>', 'address of the client; backends learn of it by the headers that are shown')
    .option('--peer <address>', 'who connects, where that is not the client: a load balancer or a proxy in front')
    .option('-g, --group <group>', 'group of Envoys (default: "default", or the only one)');
  withExamples(withAsking(withOutput(command), { offline: true }), [
    ['sluice explain http://localhost:8080/', 'where does this go?'],
    ["sluice explain POST https://shop.example.com/cart -H 'x-tester: yes'", 'with a method and a header'],
    ['sluice explain http://shop.example.com/ --client-ip 203.0.113.7 --peer 10.0.0.1', 'who is the client behind this load balancer?'],
    ['sluice explain http://shop.example.com/ -c deploy/ -o json', 'from a folder, for a script'],
  ]).action(async (words: readonly string[], { output, header = [], clientIp, peer, group, ...asking }: ExplainFlags) => {
    const question: ExplainQuestion = {
      ...requestOf(words),
      headers: header.map(headerOf),
      ...(clientIp === undefined ? {} : { clientIp: addressOf('--client-ip', clientIp) }),
      ...(peer === undefined ? {} : { peer: addressOf('--peer', peer) }),
      ...(group === undefined ? {} : { group }),
    };
    const api = await asked(asking, context);
    const answer = await api.post<ExplainAnswer>('explain', question);
    context.terminal.print(rendered(output, answer, () => explainText(context.terminal, answer)));
    context.status = leadsNowhere(answer) ? 1 : 0;
  });
}

function requestOf(words: readonly string[]): { readonly method: string; readonly url: string } {
  const [first = '', second, ...others] = words;
  if (others.length > 0) throw new CommandError(`too many words: ${others.join(' ')}`, { remedy: 'Give [METHOD] URL; quote a URL that holds a blank.' });
  if (second === undefined && METHODS.includes(first)) throw new CommandError(`${first} is a method, and there is no URL`, { remedy: 'Give [METHOD] URL.' });
  const [method, written] = second === undefined ? ['GET', first] : [first, second];
  const url = written.includes('://') ? written : `http://${written}`;
  if (!/^https?:/i.test(url) || !URL.canParse(url)) {
    throw new CommandError(`${written} is no URL of http or https`, { remedy: 'Write it as http://HOST[:PORT]/PATH.' });
  }
  return { method, url };
}

function headerOf(text: string): [string, string] {
  const colon = text.indexOf(':');
  if (colon < 1) throw new CommandError(`-H ${JSON.stringify(text)} is no header`, { remedy: 'Write it as NAME: VALUE.' });
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}

function addressOf(option: string, text: string): string {
  if (isIP(text) === 0) throw new CommandError(`${option} ${JSON.stringify(text)} is no IP address`, { remedy: 'Write it as 203.0.113.7 or 2001:db8::7.' });
  return text;
}

/** A fixed answer that a route asks for is a destination; a 404 of Envoy and a closed connection are not. */
function leadsNowhere({ outcome }: ExplainAnswer): boolean {
  if (outcome.type === 'forward') return outcome.shares.every(({ state }) => state !== 'served');
  return outcome.type === 'refused' || (outcome.type === 'answer' && outcome.reason !== 'route');
}
