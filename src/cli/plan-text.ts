import { placeOf } from '../diagnostic.ts';
import type { Json } from '../proto/codec.ts';
import type { ResourceChange } from '../revision/diff.ts';
import type { EndpointChange } from '../revision/endpoint-diff.ts';
import type { FieldChange } from '../revision/field-change.ts';
import type { GroupPlan } from '../revision/plan.ts';
import type { HostChange, RouteChange } from '../revision/route-diff.ts';
import type { ActionRow } from '../row/route-rows.ts';
import { consequenceLines } from './consequence-lines.ts';
import { actionText, matchText, percent } from './get-text.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** What `sluice diff` and `sluice plan` print of a group for people. */
export function planText(terminal: Terminal, plan: GroupPlan): string {
  const { group, from, to, change, diff, consequences } = plan;
  const head = `group ${terminal.paint('bold', group)}`;
  if (change === 'none') return `${head}: nothing differs (${to ?? ''})`;
  const signed = (sign: keyof typeof signs, ...cells: readonly string[]): readonly string[] => [terminal.paint(signs[sign].paint, signs[sign].text), ...cells];
  const resourceRow = (one: ResourceChange): readonly string[] => signed(one.change, one.name, fieldsText(one.fields));
  const sections = [
    section(['', 'LISTENER', 'WHAT'], diff.listeners.map(resourceRow)),
    section(
      ['', 'ROUTES', 'VIRTUAL HOST', 'DOMAINS', 'WHAT'],
      diff.hosts.map((one) => signed(one.change, ...hostCells(one))),
    ),
    section(
      ['', 'ROUTES', 'HOST', 'MATCH', 'WHAT', 'ORIGIN'],
      diff.routes.map((one) => signed(one.change, ...routeCells(one))),
    ),
    section(['', 'CLUSTER', 'WHAT'], diff.clusters.map(resourceRow)),
    section(
      ['', 'ENDPOINTS OF', 'NOW', 'WHAT'],
      diff.endpoints.map((one) => signed('changed', one.cluster, `${one.before} → ${one.after}`, endpointsText(one))),
    ),
    section(['', 'SECRET'], diff.secrets.map(resourceRow)),
  ];
  const title = `${head}: ${from ?? 'new'} → ${to ?? 'gone'}`;
  return [title, ...sections.filter((text) => text !== ''), [terminal.paint('bold', 'WHAT IT MEANS'), ...consequenceLines(consequences)].join('\n')].join(
    '\n\n',
  );
}

const signs = {
  added: { text: '+', paint: 'green' },
  removed: { text: '-', paint: 'red' },
  changed: { text: '~', paint: 'yellow' },
  moved: { text: '↕', paint: 'cyan' },
} as const;

function section(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : table(head, rows);
}

function hostCells({ configuration, virtualHost, domains, fields }: HostChange): readonly string[] {
  return [configuration, virtualHost ?? '', domains.join(', '), fieldsText(fields)];
}

function routeCells(route: RouteChange): readonly string[] {
  const { configuration, virtualHost, match, origins } = route;
  const [first, ...others] = origins;
  const origin = first ? `${placeOf(first)}${others.length === 0 ? '' : ` +${others.length}`}` : '';
  return [configuration, virtualHost, matchText(match), routeText(route), origin];
}

function routeText({ change, before, after, fields }: RouteChange): string {
  if (change === 'moved') return `${after ? actionText(after) : ''}, at another place`;
  return [actionChange(before, after), ...(fields.length === 0 ? [] : [fieldsText(fields)])].join('; ');
}

function actionChange(before: ActionRow | undefined, after: ActionRow | undefined): string {
  const [old, next] = [before && actionText(before), after && actionText(after)];
  if (old === undefined || next === undefined || old === next) return next ?? old ?? '';
  if (before?.type !== 'forward' || after?.type !== 'forward') return `${old} → ${next}`;
  const share = ({ split }: typeof before, of: string): string =>
    percent(split.filter(({ cluster }) => cluster === of).reduce((sum, one) => sum + one.share, 0));
  const clusters = [...new Set([...before.split, ...after.split].map(({ cluster }) => cluster))];
  return clusters.map((cluster) => `${cluster} ${share(before, cluster)} → ${share(after, cluster)}`).join(', ');
}

function endpointsText({ added, removed, changed }: EndpointChange): string {
  return [...added.map((one) => `+ ${one}`), ...removed.map((one) => `- ${one}`), ...changed.map((one) => `~ ${one}`)].join(', ');
}

function fieldsText(fields: readonly FieldChange[]): string {
  return fields.map(({ path, before, after }) => `${path}: ${valueText(before)} → ${valueText(after)}`).join('; ');
}

/** What is longer is for `-o json` and `--raw`. */
const longestValue = 60;

function valueText(value: Json | undefined): string {
  if (value === undefined) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
