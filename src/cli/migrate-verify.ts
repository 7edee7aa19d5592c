import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect } from './asking.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { folderSettings, withIngressOptions } from './ingress-options.ts';

/** What is compared and how. */
export interface VerifyOptions {
  readonly config?: readonly string[];
  readonly output: 'table' | 'json';
  readonly from: readonly URL[];
  readonly to: readonly URL[];
  readonly log?: readonly string[];
  readonly logHost?: string;
  readonly only?: readonly string[];
  readonly backendHeader?: string;
  readonly header?: readonly string[];
  readonly ignoreHeader?: readonly string[];
  readonly unsafe?: boolean;
  readonly sample?: number;
  readonly rate: number;
  readonly timeout: number;
}

/** `sluice migrate verify DIR`: asks both gateways the same. */
export function addMigrateVerify(migrate: Command, context: CommandContext): void {
  const command = migrate
    .command('verify')
    .summary('send the same requests to ingress-nginx and to Envoy, and compare the answers')
    .description(
      'sends requests to both gateways, for each host name, path and rule of the Ingresses or as an access log tells, and compares status, backend, Location, cookies and headers; exit status 1 where answers differ. Only GET, HEAD and OPTIONS are sent',
    )
    .argument('[dir...]', 'folders or files of objects: those that both gateways serve')
    .addOption(new Option('-c, --config <path>', 'the same as the argument; may be repeated').argParser(collect))
    .addOption(new Option('--from <url>', 'where ingress-nginx listens; once for http and once for https').argParser(collectUrl).makeOptionMandatory())
    .addOption(new Option('--to <url>', 'where Envoy listens; as many as of the other').argParser(collectUrl).makeOptionMandatory())
    .addOption(new Option('--log <file>', 'take the requests from this access log instead; may be repeated').argParser(collect))
    .option('--log-host <name>', 'host name of lines of the log that tell none')
    .addOption(new Option('--only <host>', 'ask for this host name alone; may be repeated').argParser(collect))
    .option('--backend-header <name>', 'header of answers that names the backend (default: bodies are compared)')
    .addOption(new Option('-H, --header <line>', 'send this header too, as "Name: value"; may be repeated').argParser(collect))
    .addOption(new Option('--ignore-header <name>', 'a header of answers that does not matter; may be repeated').argParser(collect))
    .option('--unsafe', 'send other methods too, without a body')
    .addOption(new Option('--sample <number>', 'send at most so many requests, spread over all').argParser(positive))
    .addOption(new Option('--rate <number>', 'requests a second to each of the two').argParser(positive).default(20))
    .addOption(new Option('--timeout <seconds>', 'how long an answer may take').argParser(positive).default(10))
    .addOption(new Option('-o, --output <format>', 'form of the outcome').choices(['table', 'json']).default('table'));
  withExamples(withIngressOptions(command), [
    ['sluice migrate verify cluster.yaml --from http://10.0.0.5 --to http://10.0.0.6', 'host names and paths of the Ingresses'],
    ['sluice migrate verify cluster.yaml --from https://10.0.0.5 --to https://10.0.0.6 --log access.log --sample 1000', 'what users asked for'],
    ['sluice migrate verify cluster.yaml --from http://nginx --to http://envoy --backend-header x-served-by', 'where bodies change'],
  ]).action(async (folders: readonly string[], options: VerifyOptions) => {
    const paths = [...folders, ...(options.config ?? [])];
    if (paths.length === 0) throw new CommandError('there is nothing to read', { remedy: 'Name a folder or a file of YAML objects.' });
    const settings = folderSettings(options, context);
    const { verify } = await import('./verify-run.ts');
    await verify(paths, options, settings, context);
  });
}

function collectUrl(text: string, before: readonly URL[] | undefined): readonly URL[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new InvalidArgumentError('It is not a URL like http://10.0.0.5:8080.');
  return [...(before ?? []), url];
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('It is not a number above 0.');
  return number;
}
