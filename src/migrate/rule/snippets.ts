import { type Directive, directivesIn } from '../../nginx/directives.ts';
import { guardsIn } from '../../nginx/snippet.ts';
import { exampleFor, foundAt, type Rule, textOf } from '../scene.ts';
import { snippetRemedy } from '../snippet-remedies.ts';
import { examplePaths } from '../verify/example-path.ts';

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
      const names = [...new Set(directives.map((directive) => `\`${directive.name}\``))].join(', ');
      if (!areLive) {
        const message = `ingress-nginx serves the Ingress without it, as \`allow-snippet-annotations\` is not on, and so does Sluice (directives: ${names}).`;
        yield foundAt(scene, ingress, name, { level: 'inert', message, remedy: 'Remove it.' });
        continue;
      }
      const [guard] = reading.denied?.annotation === name ? guardsIn(directives) : [];
      const does = guard === undefined ? 'Serves the Ingress without it' : `Answers all its paths with 503, so that nobody gets in whom \`${guard}\` keeps out`;
      const message = `ingress-nginx: Runs this code of nginx (directives: ${names}). Sluice: ${does}.`;
      const example = exampleFor(ingress, `GET ${locationIn(directives)}`);
      yield foundAt(scene, ingress, name, { level: 'unsupported', message, example, remedy: snippetRemedy(directives) });
    }
  }
};

/** A path of the first `location` in it. */
function locationIn(directives: readonly Directive[]): string {
  const { words = [] } = directives.find(({ name }) => name === 'location') ?? {};
  const [path = '/', modifier = ''] = words.toReversed();
  return modifier.startsWith('~') ? (examplePaths(path)[0] ?? '/') : path;
}
