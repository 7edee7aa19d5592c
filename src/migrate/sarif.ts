import { type Origin, placeOf } from '../diagnostic.ts';
import type { Finding } from './finding.ts';
import { type Level, levels } from './level.ts';
import type { MigrationReport } from './report.ts';

/** How loud each level is for a tool that reads SARIF. */
const loudness: Readonly<Record<Level, 'none' | 'note' | 'warning' | 'error'>> = {
  exact: 'none',
  inert: 'note',
  near: 'note',
  adapted: 'note',
  unsupported: 'warning',
  dangerous: 'error',
};

/** The report as SARIF, which code hosts show at the lines of a change. What is exact is left out. @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function reportSarif({ ingresses, settings }: MigrationReport, version: string): unknown {
  const found = [
    ...ingresses.flatMap(({ findings }) => findings.map((finding) => ({ finding, subject: finding.annotation, at: finding.at }))),
    ...settings.map((finding) => ({ finding, subject: finding.key, at: finding.at })),
  ].filter(({ finding }) => finding.level !== 'exact');
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'sluice migrate', version, rules: levels.filter((level) => level !== 'exact').map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: found.map(({ finding, subject, at }) => ({
          ruleId: finding.level,
          level: loudness[finding.level],
          message: { text: textOf(finding, subject) },
          locations: [locationOf(at)],
        })),
      },
    ],
  };
}

function ruleOf(level: Level): unknown {
  return { id: level, shortDescription: { text: ruleTexts[level] }, defaultConfiguration: { level: loudness[level] } };
}

const ruleTexts: Readonly<Record<Level, string>> = {
  exact: 'The same as on ingress-nginx.',
  inert: 'No effect on either, or good to know.',
  near: 'The same but for small differences.',
  adapted: 'The same in another way.',
  unsupported: 'Not there after the move.',
  dangerous: 'Opens what was closed, or makes live what was not.',
};

function textOf({ message, example, remedy }: Finding, subject: string | null): string {
  return [
    subject === null ? message : `${subject}: ${message}`,
    ...(example === undefined ? [] : [`Example: ${example}.`]),
    ...(remedy === undefined ? [] : [remedy]),
  ].join(' ');
}

function locationOf(at: Origin): unknown {
  const logicalLocations = [
    { fullyQualifiedName: placeOf(at.field === undefined ? { object: at.object ?? '' } : { object: at.object ?? '', field: at.field }) },
  ];
  if (at.file === undefined) return { logicalLocations };
  const region = at.line === undefined ? {} : { region: { startLine: at.line, ...(at.column === undefined ? {} : { startColumn: at.column }) } };
  return { physicalLocation: { artifactLocation: { uri: encodeURI(at.file) }, ...region }, logicalLocations };
}
