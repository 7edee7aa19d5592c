import type { WhyAnswer, WhyGroup } from '../admin/api/why.ts';
import { placeOf } from '../diagnostic.ts';
import { diagnosticLine } from './diagnostic-lines.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** What `sluice why` prints for people. @param hasServer whether a server was asked: a folder has no Envoys. */
export function whyText(terminal: Terminal, answer: WhyAnswer, hasServer: boolean): string {
  const place = answer.at?.file === undefined ? '' : ` at ${placeOf(answer.at)}`;
  const verdict = answer.accepted ? terminal.paint('green', 'accepted') : terminal.paint('red', answer.at ? 'not accepted as it is' : 'not read');
  const parts = [
    `${terminal.paint('bold', answer.object)}${place}: ${verdict}`,
    answer.diagnostics.map((diagnostic) => diagnosticLine(terminal, diagnostic)).join('\n'),
    ...answer.groups.map((group) => groupText(terminal, group, hasServer)),
    answer.groups.length === 0 ? 'nothing that is served depends on it' : '',
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function groupText(terminal: Terminal, { group, revision, resources, routes, nodes }: WhyGroup, hasServer: boolean): string {
  const rows = [...resources.map(({ type, name, version }) => [type, name, version]), ...routes.map((name) => ['route', name, ''])];
  const envoys = nodes.map(({ id, state }) => `${id} ${state === 'ACKED' ? terminal.paint('green', 'has it') : terminal.paint('yellow', state)}`);
  return [
    `in group ${terminal.paint('bold', group)}, revision ${revision}`,
    table(['PART OF', 'NAME', 'VERSION'], rows),
    ...(hasServer ? [envoys.length === 0 ? 'no Envoy of the group is connected' : `Envoys: ${envoys.join(', ')}`] : []),
  ].join('\n');
}
