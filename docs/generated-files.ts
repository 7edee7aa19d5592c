import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { commandLineReference } from '../src/cli/reference.ts';
import { diagnosticCodes } from '../src/diagnostic.ts';
import { createMetrics } from '../src/status/metrics.ts';
import { metricsReference } from '../src/status/metrics-reference.ts';
import * as defaults from '../src/translate/defaults.ts';
import { valuesFile, valuesSchema, valuesTable } from './helm-files.ts';
import { annotationsPage, settingsPage } from './ingress-pages.ts';
import { type OwnKind, ownKinds } from './own-kinds.ts';
import { referencePage } from './reference-page.ts';
import { conditionsStatus, policyStatus } from './status-schema.ts';
import { editorSchema, structuralSpec } from './structural-schema.ts';

/** Everything that is made of definitions in the sources: path from the root of the repository → content. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...ownKinds.flatMap((kind): [string, string][] => [
      [`docs/reference/${kind.file}.md`, referencePage(kind)],
      [`deploy/crds/${kind.file}.yaml`, customResourceDefinition(kind)],
      [`deploy/helm/sluice/crds/${kind.file}.yaml`, customResourceDefinition(kind)],
      [`deploy/schemas/${kind.file}.json`, `${JSON.stringify(editorSchema(kind.definition), null, 2)}\n`],
    ]),
    ['deploy/helm/sluice/values.yaml', valuesFile()],
    ['deploy/helm/sluice/values.schema.json', valuesSchema()],
    ['docs/reference/helm-values.md', `# Values of the Helm chart\n\nWhat [the chart](../install-on-kubernetes.md) takes.\n\n${valuesTable()}\n`],
    ['docs/reference/diagnostics.md', diagnosticsPage()],
    ['docs/reference/defaults.md', defaultsPage()],
    ['docs/reference/cli.md', commandLineReference()],
    ['docs/reference/ingress-annotations.md', annotationsPage()],
    ['docs/reference/ingress-settings.md', settingsPage()],
    ['docs/reference/metrics.md', metricsReference(createMetrics({ process: false }).describe())],
  ]);
}

/** @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ */
function customResourceDefinition({ definition, plural, summary, columns, shortNames, policy }: OwnKind): string {
  const { group, kind, versions, namespaced } = definition;
  const openAPIV3Schema = {
    type: 'object',
    description: summary,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: structuralSpec(definition),
      status: policy ? policyStatus : conditionsStatus,
    },
  };
  const accepted = { name: 'Accepted', type: 'string', jsonPath: `.status.${policy ? 'ancestors[*].' : ''}conditions[?(@.type=="Accepted")].status` };
  const age = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
  const object = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, ...(policy && { labels: { 'gateway.networking.k8s.io/policy': policy } }) },
    spec: {
      group,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List`, ...(shortNames && { shortNames }), categories: ['sluice'] },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        subresources: { status: {} },
        additionalPrinterColumns: [...columns, accepted, age],
        schema: { openAPIV3Schema },
      })),
    },
  };
  // kubectl and Helm read YAML 1.1, where `on` and `Off` without quotes are true and false.
  return `# Made by \`npm run docs\`.\n${stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function diagnosticsPage(): string {
  const sections = Object.entries(diagnosticCodes).map(([code, entry]) => {
    const condition = 'condition' in entry ? ` Condition: \`${entry.condition.type}: ${entry.condition.status}\`, reason \`${entry.condition.reason}\`.` : '';
    return `## ${code}\n\n${entry.severity}. ${entry.doc}${condition}`;
  });
  const head =
    '# Diagnostics\n\nEvery message about an object has one of these codes. `error`: something that was asked for is not served. `warning`: it is served in another way than one may think. `info`: good to know.';
  return `${[head, ...sections].join('\n\n')}\n`;
}

/** The comments of the constants are the reasons; the constants are the values. */
function defaultsPage(): string {
  const source = readFileSync(new URL('../src/translate/defaults.ts', import.meta.url), 'utf8');
  const sections = [...source.matchAll(/\/\*\*([\s\S]*?)\*\/\nexport const (\w+)/g)].map(([, comment = '', name = '']) => {
    const reason = comment
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, '').trim())
      .join('\n')
      .trim();
    const value = stringify((defaults as Readonly<Record<string, unknown>>)[name]).trim();
    const title = name
      .replace(/^default/, '')
      .replace(/Ms$/, ' (milliseconds)')
      .replace(/([a-z])([A-Z])/g, '$1 $2');
    return `## ${title.charAt(0)}${title.slice(1).toLowerCase()}\n\n${reason}\n\n\`\`\`yaml\n${value}\n\`\`\``;
  });
  return `${['# Defaults and their reasons', ...sections].join('\n\n')}\n`;
}
