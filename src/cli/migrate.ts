import { type Command, Option } from 'commander';
import { migrationReport } from '../migrate/migration-report.ts';
import { reportPage } from '../migrate/page.ts';
import { hasProblems, type MigrationReport, reportJson } from '../migrate/report.ts';
import { reportSarif } from '../migrate/sarif.ts';
import { defaultSettings } from '../settings.ts';
import { readVersion } from '../version.ts';
import { collect } from './asking.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { diagnosticLine } from './diagnostic-lines.ts';
import { withExamples } from './examples.ts';
import { buildFolders } from './folder-build.ts';
import { reportText } from './migrate-text.ts';

const formats = ['table', 'html', 'json', 'sarif'] as const;

interface MigrateOptions {
  readonly output: (typeof formats)[number];
  readonly config?: readonly string[];
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
  withExamples(command, [
    ['kubectl get ingress,ingressclass,service,secret,configmap -A -o yaml > cluster.yaml && sluice migrate cluster.yaml', 'of a cluster'],
    ['sluice migrate -o html deploy/ > report.html', 'a page for others'],
    ['sluice migrate -o sarif deploy/ > report.sarif', 'for the code host'],
  ]).action((folders: readonly string[], { output, config = [] }: MigrateOptions) => {
    const paths = [...folders, ...config];
    if (paths.length === 0) throw new CommandError('there is nothing to read', { remedy: 'Name a folder or a file of YAML objects.' });
    const { view, diagnostics } = buildFolders(paths, defaultSettings, context.clock);
    for (const one of diagnostics.filter(({ code }) => unread.has(code))) context.terminal.complain(diagnosticLine(context.terminal, one));
    const report = migrationReport(view, defaultSettings, diagnostics);
    context.terminal.print(rendered(output, report, context));
    context.status = hasProblems(report) ? 1 : 0;
  });
}

/** What never became an object, so that the report cannot speak of it. */
const unread: ReadonlySet<string> = new Set(['FileTooLarge', 'FileUnreadable', 'SourceUnavailable', 'UnreadableYaml', 'InvalidField', 'MissingField']);

function rendered(output: MigrateOptions['output'], report: MigrationReport, { terminal }: CommandContext): string {
  if (output === 'json') return JSON.stringify(reportJson(report), null, 2);
  if (output === 'sarif') return JSON.stringify(reportSarif(report, readVersion()), null, 2);
  return output === 'html' ? reportPage(report).trimEnd() : reportText(report, terminal);
}
