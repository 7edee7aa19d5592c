import { type Origin, placeOf } from '../diagnostic.ts';
import type { Finding } from './finding.ts';
import { type Level, levels } from './level.ts';
import type { IngressReport, MigrationReport } from './report.ts';

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #d8dee4}
th{font-weight:600}code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}.place{color:#57606a;font-weight:400;font-size:.85rem}
.level{display:inline-block;padding:0 .5rem;border-radius:.6rem;font-size:.85rem;background:#d8dee4}
.dangerous{background:#cf222e;color:#fff}.unsupported{background:#bc4c00;color:#fff}.adapted,.near{background:#fff1c2}.exact{background:#d3f5db}
@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}th,td{border-color:#30363d}.level{color:#1b1f24}.dangerous,.unsupported{color:#fff}.place{color:#8d96a0}}`;

/** The report as one page of HTML that needs nothing else. What users wrote stands in it as text. */
export function reportPage({ ingresses, settings, totals }: MigrationReport): string {
  const counts = levels
    .toReversed()
    .map((level) => `<tr><td>${badge(level)}</td><td>${totals.ingresses[level]}</td><td>${totals.findings[level]}</td><td>${totals.settings[level]}</td></tr>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Leaving ingress-nginx</title><style>${style}</style></head><body>
<h1>Leaving ingress-nginx</h1>
<p>${ingresses.length} Ingresses, of which ${totals.dropped} served nothing until now.</p>
<table><thead><tr><th>level</th><th>Ingresses</th><th>findings</th><th>settings</th></tr></thead><tbody>${counts.join('')}</tbody></table>
<h2>Settings</h2>
${findingTable(settings.map((finding) => ({ subject: finding.key, finding })))}
<h2>Ingresses</h2>
${ingresses
  .toSorted((a, b) => levels.indexOf(b.verdict) - levels.indexOf(a.verdict))
  .map(ingressSection)
  .join('\n')}
</body></html>
`;
}

function ingressSection({ namespace, name, origin, verdict, findings }: IngressReport): string {
  const head = `<h3>${badge(verdict)} ${escaped(`${namespace}/${name}`)} <span class="place">${escaped(placeOf(origin))}</span></h3>`;
  return `<section>${head}${findingTable(findings.map((finding) => ({ subject: finding.annotation ?? '', finding })))}</section>`;
}

function findingTable(rows: readonly { readonly subject: string; readonly finding: Finding & { readonly at: Origin } }[]): string {
  if (rows.length === 0) return '<p>Nothing to tell.</p>';
  const lines = rows.map(({ subject, finding: { level, message, example = '', remedy = '', at } }) => {
    const shown = example === '' ? '' : `<code>${escaped(example)}</code>`;
    return `<tr><td>${badge(level)}</td><td><code>${escaped(subject)}</code> <span class="place">${escaped(placeOf(at))}</span></td><td>${escaped(message)}</td><td>${shown}</td><td>${escaped(remedy)}</td></tr>`;
  });
  return `<table><thead><tr><th>level</th><th>what</th><th>ingress-nginx and Sluice</th><th>example</th><th>remedy</th></tr></thead><tbody>${lines.join('')}</tbody></table>`;
}

function badge(level: Level): string {
  return `<span class="level ${level}">${level}</span>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
