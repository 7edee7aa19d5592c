import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { stringify } from 'yaml';
import { toEnvoyJson } from '../proto/codec.ts';
import { messageNameOf, type Resource, resourceTypes, type Snapshot } from '../resource.ts';

/** What differs between two configurations as a unified diff of Envoy's YAML, resource by resource; of secrets only name and hash. */
export function rawDiff(before: Snapshot | undefined, after: Snapshot | undefined): string {
  const patches: string[] = [];
  for (const type of resourceTypes) {
    const [old, next] = [before?.resources[type], after?.resources[type]];
    for (const name of [...new Set([...(old?.keys() ?? []), ...(next?.keys() ?? [])])].sort()) {
      const [a, b] = [old?.get(name), next?.get(name)];
      if (a?.version !== b?.version) patches.push(patchOf(`${type} ${name}`, a, b));
    }
  }
  return patches.join('');
}

function patchOf(title: string, before: Resource | undefined, after: Resource | undefined): string {
  const nameOf = (resource: Resource | undefined): string => (resource ? title : '/dev/null');
  return createTwoFilesPatch(nameOf(before), nameOf(after), yamlOf(before), yamlOf(after), undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
}

function yamlOf(resource: Resource | undefined): string {
  if (!resource) return '';
  const { type, name, version, bytes } = resource;
  return stringify(type === 'secrets' ? { name, version } : toEnvoyJson(messageNameOf(type), bytes), { lineWidth: 0, aliasDuplicateObjects: false });
}
