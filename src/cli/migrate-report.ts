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
import type { ObjectsRead } from './read-folders.ts';

/** Prints what becomes of the Ingresses of folders and of a cluster. */
export function tellOfMigration(folders: ObjectsRead, format: ReportFormat, settings: Settings, context: CommandContext, cluster?: ObjectsRead): void {
  const { view, diagnostics } = buildFolders(folders, settings, context.clock, undefined, cluster);
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
