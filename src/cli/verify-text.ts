import type { MigrationReport } from '../migrate/report.ts';
import type { Difference } from '../migrate/verify/compare.ts';
import { type Disagreement, explanationsFor, type Verification } from '../migrate/verify/verification.ts';
import type { Terminal } from './terminal.ts';

/** So many explanations of a request are written out. */
const mostExplanations = 3;

/** In what the gateways differ, request by request, for a person. */
export function verificationText(verification: Verification, report: MigrationReport, terminal: Terminal): string {
  const { requests, disagreements, unstable, split, unsent } = verification;
  const same = requests - disagreements.length;
  return [
    ...disagreements.map((one) => disagreementLines(one, report, terminal).join('\n')),
    [
      `${requests} requests: ${same} answered alike, ${disagreements.length} not.`,
      ...(unstable > 0 ? [`${unstable} differences left out: ingress-nginx did not answer alike twice.`] : []),
      ...(split > 0 ? [`${split} requests whose backend was not compared: weights choose it.`] : []),
      ...Object.entries(unsent).map(([reason, count]) => `Not sent: ${count} ${reason}.`),
    ].join('\n'),
  ].join('\n\n');
}

function disagreementLines(one: Disagreement, report: MigrationReport, terminal: Terminal): readonly string[] {
  const { probe, url, differences } = one;
  const sent = Object.entries(probe.headers).map(([name, value]) => `${name}: ${value}`);
  const of = probe.ingress ? `Ingress ${probe.ingress.namespace}/${probe.ingress.name}, ` : '';
  const explanations = explanationsFor(one, report);
  return [
    `${terminal.paint('bold', `${probe.method} ${url}`)}${sent.length > 0 ? ` with ${sent.join(', ')}` : ''}`,
    `  ${terminal.paint('dim', `${of}${probe.about}`)}`,
    ...differences.map((difference) => `  ${terminal.paint('red', nameOf(difference))}: ingress-nginx ${difference.from}, Sluice ${difference.to}`),
    ...explanations
      .slice(0, mostExplanations)
      .map(
        ({ subject, ingress, level, message, remedy }) =>
          `    ${terminal.paint('yellow', level)} ${[ingress, subject].filter(Boolean).join(' ')}: ${message}${remedy === undefined ? '' : ` ${remedy}`}`,
      ),
    ...(explanations.length > mostExplanations ? [`    and ${explanations.length - mostExplanations} more, with -o json`] : []),
    ...(explanations.length === 0 ? ['    Nothing in the report explains it.'] : []),
  ];
}

function nameOf({ aspect, name }: Difference): string {
  return name === undefined ? aspect : `${aspect} ${name}`;
}
