import { type Command, Option } from 'commander';
import type { GivenKubernetes } from '../config/kubernetes-options.ts';
import { collect } from './asking.ts';
import { clusterOf, withClusterOptions } from './cluster-options.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { folderSettings, withIngressOptions } from './ingress-options.ts';
import { addMigrateVerify } from './migrate-verify.ts';

const formats = ['table', 'html', 'json', 'sarif'] as const;

/** Form of the report. */
export type ReportFormat = (typeof formats)[number];

interface MigrateOptions extends GivenKubernetes {
  readonly output: ReportFormat;
  readonly config?: readonly string[];
  readonly to?: 'gateway-api';
}

/** `sluice migrate DIR`: what the move from ingress-nginx changes. */
export function addMigrate(program: Command, context: CommandContext): void {
  const command = program
    .command('migrate')
    .summary('tell what the move from ingress-nginx changes')
    .description(
      'what becomes of Ingresses, their annotations and the ConfigMap of ingress-nginx: exact, inert, near, adapted, unsupported or dangerous, each with an example and a remedy; exit status 1 where something is unsupported or dangerous',
    )
    .argument('[dir...]', 'folders or files of objects: Ingresses, Services, Secrets, ConfigMaps')
    .addOption(new Option('-c, --config <path>', 'the same as the argument; may be repeated').argParser(collect))
    .addOption(new Option('-o, --output <format>', 'form of the report').choices(formats).default(formats[0]));
  command.addOption(new Option('--to <api>', 'print objects that say the same, instead of the report').choices(['gateway-api']));
  withExamples(withClusterOptions(withIngressOptions(command)), [
    ['sluice migrate --kubernetes', 'of the cluster that kubectl speaks to; nothing in it is changed'],
    ['kubectl get ingress,ingressclass,service,secret,configmap -A -o yaml > cluster.yaml && sluice migrate cluster.yaml', 'of a cluster elsewhere'],
    ['sluice migrate -o html deploy/ > report.html', 'a page for others'],
    ['sluice migrate -o sarif deploy/ > report.sarif', 'for the code host'],
  ]).action(async (folders: readonly string[], options: MigrateOptions) => {
    const { output, config = [] } = options;
    const paths = [...folders, ...config];
    const cluster = clusterOf(options, context);
    if (paths.length === 0 && !cluster)
      throw new CommandError('there is nothing to read', { remedy: 'Name a folder or a file of YAML objects, or give --kubernetes.' });
    // The Ingresses of ingress-nginx, as its controller in the cluster chooses them.
    const settings = folderSettings(options, context);
    // What reads folders takes as long to load as all else together.
    const { readFolders } = await import('./read-folders.ts');
    const read = readFolders(paths);
    const ofCluster = cluster && (await (await import('./read-cluster.ts')).readCluster(cluster, settings, context.clock, read.objects));
    if (options.to) {
      const { convertIngresses } = await import('./migrate-gateway-api.ts');
      convertIngresses(read, settings, context, ofCluster);
      return;
    }
    const { tellOfMigration } = await import('./migrate-report.ts');
    tellOfMigration(read, output, settings, context, ofCluster);
  });
  // What stands behind the name of a command is its own.
  addMigrateVerify(command.enablePositionalOptions().helpCommand(false), context);
}
