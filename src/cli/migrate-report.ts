import { migrationReport } from '../migrate/migration-report.ts';
import { reportPage } from '../migrate/page.ts';
import { hasProblems, type MigrationReport, reportJson } from '../migrate/report.ts';
import { reportSarif } from '../migrate/sarif.ts';
import type { Settings } from '../settings.ts';
import { readVersion } from '../version.ts';
import type { CommandContext } from './context.ts';
import { diagnosticLine } from './diagnostic-lines.ts';
import { buildFolders } from './folder-build.ts';
import type { ReportFormat } from './migrate.ts';
import { reportText } from './migrate-text.ts';
import type { ClusterRead } from './read-cluster.ts';

/** Reads folders, and what was read of a cluster, and prints what becomes of their Ingresses. */
export function tellOfMigration(paths: readonly string[], format: ReportFormat, settings: Settings, context: CommandContext, cluster?: ClusterRead): void {
  const { view, diagnostics } = buildFolders(paths, settings, context.clock, undefined, cluster);
  for (const one of diagnostics.filter(({ code }) => unread.has(code))) context.terminal.complain(diagnosticLine(context.terminal, one));
  const report = migrationReport(view, settings, diagnostics);
  context.terminal.print(rendered(format, report, context));
  context.status = hasProblems(report) ? 1 : 0;
}

/** What never became an object, so that the report cannot speak of it. */
const unread: ReadonlySet<string> = new Set([
  'FileTooLarge',
  'FileUnreadable',
  'SourceUnavailable',
  'UnreadableYaml',
  'InvalidField',
  'MissingField',
  'KindForbidden',
]);

function rendered(format: ReportFormat, report: MigrationReport, { terminal }: CommandContext): string {
  if (format === 'json') return JSON.stringify(reportJson(report), null, 2);
  if (format === 'sarif') return JSON.stringify(reportSarif(report, readVersion()), null, 2);
  return format === 'html' ? reportPage(report).trimEnd() : reportText(report, terminal);
}
