import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { build } from '../src/build.ts';
import { migrationReport } from '../src/migrate/migration-report.ts';
import { reportJson } from '../src/migrate/report.ts';
import { defaultSettings } from '../src/settings.ts';
import { readFolder } from '../src/source/folder.ts';
import { storeViewOf } from '../src/store/store.ts';

/** What of the cases the report is about; the head of the file says what each field means. */
interface Case {
  readonly id: string;
  readonly ingresses: readonly {
    readonly name?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly rules?: readonly { readonly host?: string; readonly paths: readonly { readonly path: string; readonly type?: string; readonly svc: string }[] }[];
    readonly tls?: readonly { readonly hosts: readonly string[]; readonly secret?: string }[];
  }[];
  readonly configmap?: Readonly<Record<string, string>>;
  readonly tcp?: Readonly<Record<string, string>>;
  readonly report?: { readonly annotation: string | null; readonly level: keyof typeof levelsOf };
}

/** The words of the cases for the levels of the report. */
const levelsOf = { approximate: ['near', 'adapted'], note: ['inert'], unsupported: ['unsupported'], dangerous: ['dangerous'] } as const;

interface Told {
  readonly annotation?: string | null;
  readonly key?: string;
  readonly level: string;
  readonly message: string;
  readonly example?: string;
  readonly remedy?: string;
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-migrate-'));
after(() => rmSync(folder, { recursive: true }));

/** Everything that the report says of a case. */
function toldOf(one: Case): readonly Told[] {
  const file = join(folder, `${one.id}.yaml`);
  writeFileSync(
    file,
    objectsOf(one)
      .map((object) => JSON.stringify(object))
      .join('\n---\n'),
  );
  const { view } = storeViewOf(readFolder([file]).objects);
  const started = { ...defaultSettings, ingress: one.tcp ? { tcpServices: 'ingress-nginx/tcp-services' } : {} };
  const report = migrationReport(view, started, build(view, started).diagnostics);
  const { ingresses, settings } = reportJson(report) as {
    readonly ingresses: readonly { readonly findings: readonly Told[] }[];
    readonly settings: readonly Told[];
  };
  return [...ingresses.flatMap(({ findings }) => findings), ...settings];
}

function objectsOf({ ingresses, configmap, tcp }: Case): readonly unknown[] {
  const services = new Set(ingresses.flatMap(({ rules = [] }) => rules.flatMap(({ paths }) => paths.map(({ svc }) => svc))));
  return [
    ...ingresses.map(({ name = 'ing', annotations = {}, rules, tls }, index) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name,
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([key, text]) => [
            key.includes('/') ? key : `nginx.ingress.kubernetes.io/${key}`,
            text.replaceAll(/\$\{addr:\w+\}/g, '127.0.0.1:9'),
          ]),
        ),
        creationTimestamp: new Date(Date.UTC(2024, 0, 1, 0, index)).toISOString(),
      },
      spec: {
        tls: tls?.map(({ hosts, secret }) => ({ hosts, secretName: secret })),
        rules: rules?.map(({ host, paths }) => ({
          host,
          http: {
            paths: paths.map(({ path, type = 'ImplementationSpecific', svc }) => ({
              path,
              pathType: type,
              backend: { service: { name: svc, port: { number: 80 } } },
            })),
          },
        })),
      },
    })),
    ...[...services].map((name) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } })),
    ...(configmap
      ? [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }, data: configmap }]
      : []),
    ...(tcp ? [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ingress-nginx', name: 'tcp-services' }, data: tcp }] : []),
  ];
}

const { cases } = parse(readFileSync(join(import.meta.dirname, 'nginx', 'cases.yaml'), 'utf8')) as { readonly cases: readonly Case[] };

test('no case with a report is left out', () => assert.equal(cases.filter(({ report }) => report).length, 21));

/** The report is of what cannot be done, and Sluice does it: nearly, it says. `test/nginx` shows their requests. */
const done: ReadonlySet<string> = new Set(['auth-cache']);

for (const one of cases) {
  const { id, report } = one;
  if (!report) continue;
  test(`migrate tells: ${id}`, () => {
    const all = toldOf(one);
    const wanted: readonly string[] = done.has(id) ? levelsOf.approximate : levelsOf[report.level];
    const found = all.find(({ annotation, key, level }) => (annotation === undefined ? key : annotation) === report.annotation && wanted.includes(level));
    assert.ok(found, `${report.level} for ${report.annotation} is not among ${JSON.stringify(all, null, 1)}`);
    assert.notEqual(found.message, '');
    if (report.level !== 'note') assert.ok(found.example && found.remedy, JSON.stringify(found));
  });
}
