import { stringify } from 'yaml';
import { type Directive, directivesIn } from '../directives.ts';
import { foundAt, type Rule, requestOf, textOf } from '../scene.ts';

const snippetNames = ['configuration-snippet', 'server-snippet', 'stream-snippet', 'auth-snippet'] as const;

/** Code of nginx in annotations: live only where the ConfigMap allows it. Where the risk of it is too high the Ingress is dropped, which is told with the other mistakes. */
export const snippets: Rule = function* (scene) {
  const areLive = scene.controller.value('allow-snippet-annotations');
  for (const { ingress, reading } of scene.ingresses) {
    if (reading.dropped) continue;
    for (const name of snippetNames) {
      const code = textOf(scene, ingress, name);
      if (!code) continue;
      const directives = directivesIn(code);
      const names = [...new Set(directives.map((directive) => directive.name))].join(', ');
      if (!areLive) {
        const message = `ingress-nginx serves the Ingress without it, as \`allow-snippet-annotations\` is not on, and so does Sluice (directives: ${names}).`;
        yield foundAt(scene, ingress, name, { level: 'inert', message, remedy: 'Remove it.' });
        continue;
      }
      const message = `ingress-nginx: runs this code of nginx (directives: ${names}). Sluice: serves the Ingress without it.`;
      yield foundAt(scene, ingress, name, { level: 'unsupported', message, example: requestOf(ingress), remedy: remedyOf(name, directives) });
    }
  }
};

const headerDirectives = { more_set_headers: 'response', add_header: 'response', proxy_set_header: 'request' } as const;

/** Lines that only set headers have a form of their own; all others have none. */
function remedyOf(snippet: string, directives: readonly Directive[]): string {
  const changes = directives.flatMap(headerOf);
  if (snippet !== 'configuration-snippet' || changes.length === 0)
    return 'Say what it is for with an HTTPRoute or a policy; what neither knows belongs in the application.';
  const filters = (['response', 'request'] as const).flatMap((side) => {
    const set = changes.filter((change) => change.side === side).map(({ name, value }) => ({ name, value }));
    const key = `${side}HeaderModifier`;
    return set.length === 0 ? [] : [{ type: side === 'response' ? 'ResponseHeaderModifier' : 'RequestHeaderModifier', [key]: { set } }];
  });
  const rest = directives.length - changes.length;
  const offered = stringify(filters, { collectionStyle: 'flow', lineWidth: 0 }).trim();
  return `Headers are set by filters of an HTTPRoute: ${offered}.${rest > 0 ? ` ${rest} other ${rest === 1 ? 'directive has' : 'directives have'} no such form.` : ''}`;
}

function headerOf({ name, words }: Directive): readonly { readonly side: 'request' | 'response'; readonly name: string; readonly value: string }[] {
  const side = Object.hasOwn(headerDirectives, name) ? headerDirectives[name as keyof typeof headerDirectives] : undefined;
  if (!side || words.some((word) => word.includes('$') || word.startsWith('-'))) return [];
  if (name !== 'more_set_headers') return words.length >= 2 ? [{ side, name: words[0] ?? '', value: words[1] ?? '' }] : [];
  const pairs = words.map((word) => /^\s*([^\s:]+)\s*:\s*(.*)$/.exec(word));
  return pairs.every((pair) => pair) ? pairs.map((pair) => ({ side, name: pair?.[1] ?? '', value: pair?.[2] ?? '' })) : [];
}
