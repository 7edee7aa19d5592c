import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { selfSigned } from '../examples/quickstart/backends/self-signed.ts';
import { type Build, build } from '../src/build.ts';
import { type Diagnostic, placeOf } from '../src/diagnostic.ts';
import { type Resource, type ResourceType, resourceTypes } from '../src/resource.ts';
import { withLivingShares } from '../src/revision/living-shares.ts';
import { defaultSettings, type Settings } from '../src/settings.ts';
import { readFolder } from '../src/source/folder.ts';
import { storeViewOf } from '../src/store/store.ts';
import { jsonOf, type Loose } from './static-bootstrap.ts';

/** What became of the objects of a golden case. */
export interface GoldenResult {
  /** The folder that its origins name. */
  readonly work: string;
  readonly build: Build;
  /** Of reading, of the store and of the translation, in this order. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Builds the objects of a golden file, `AREA/CASE.yaml`: what a user would write, with three things that a user would not.
 * A first line `# settings: {httpPort: 80}` changes settings, a line `# asked: [grpc/shop]` names groups that clients ask for, and `{{certificate NAME}}` and `{{key NAME}}` stand for the base64
 * of a certificate for NAME and its key, which are made anew in each run since keys are not kept in the repository.
 * @param work a folder of its own, where the finished text is read from; origins are read from it later too.
 */
export async function buildGolden(file: string, work: string): Promise<GoldenResult> {
  const { text, settings, asked } = await readGolden(file);
  const finished = join(work, basename(file));
  writeFileSync(finished, text);
  const { objects, diagnostics } = readFolder([finished]);
  const store = storeViewOf(objects);
  const result = build(store.view, settings, { asked });
  return { work, build: result, diagnostics: [...diagnostics, ...store.diagnostics, ...result.diagnostics] };
}

/** A golden file, finished. */
export async function readGolden(file: string): Promise<{ readonly text: string; readonly settings: Settings; readonly asked: readonly string[] }> {
  const written = readFileSync(file, 'utf8');
  const settings: Settings = { ...defaultSettings, ...(parse(/^# settings: (.*)$/m.exec(written)?.[1] ?? '{}') as Partial<Settings>) };
  const asked = parse(/^# asked: (.*)$/m.exec(written)?.[1] ?? '[]') as string[];
  return { text: await withCertificates(written), settings, asked };
}

async function withCertificates(text: string): Promise<string> {
  const names = new Set([...text.matchAll(/\{\{(?:certificate|key) (\S+)\}\}/g)].map(([, name = '']) => name));
  let result = text;
  for (const name of names) {
    const { certificate, key } = await selfSigned([name], Date.now());
    result = result.replaceAll(`{{certificate ${name}}}`, base64(certificate)).replaceAll(`{{key ${name}}}`, base64(key));
  }
  return result;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The content of `CASE.out.yaml`: diagnostics, then each group with its resources by type, as Envoy's JSON in YAML. Values of secrets are left out, and scripts of filters. */
export function printGolden({ work, build: { snapshots }, diagnostics }: GoldenResult): string {
  const groups = [...snapshots.values()]
    .map(withLivingShares)
    .map((snapshot) => [
      snapshot.group,
      Object.fromEntries([...resourceTypes].sort().map((type) => [type, printed(type, [...snapshot.resources[type].values()])])),
    ]);
  const content = {
    diagnostics: diagnostics.map(({ code, severity, message, remedy, at }) => ({
      code,
      severity,
      at: placeOf(at),
      ...(at.field !== undefined && { field: at.field }),
      message,
      ...(remedy !== undefined && { remedy }),
    })),
    groups: Object.fromEntries(groups),
  };
  return stringify(content, { lineWidth: 0, aliasDuplicateObjects: false }).replaceAll(`${work}/`, '');
}

function printed(type: ResourceType, resources: readonly Resource[]): Loose[] {
  const messages = resources.map(jsonOf);
  if (type === 'secrets') return messages.map((message) => withTexts(message, '[redacted]'));
  return type === 'listeners' ? messages.map((message) => withTexts(message, '[script]')) : messages;
}

/** The same with another text in place of everything inline. */
function withTexts(message: Loose, text: string): Loose {
  if (typeof message !== 'object' || message === null) return message;
  if (Array.isArray(message)) return message.map((one) => withTexts(one, text));
  return Object.fromEntries(
    Object.entries(message).map(([key, value]) => [key, key === 'inline_string' || key === 'inline_bytes' ? text : withTexts(value, text)]),
  );
}
