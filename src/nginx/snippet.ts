import type { Annotation } from './annotation.ts';
import { type Directive, directivesIn } from './directives.ts';
import type { AnnotationReader, FamilyReading } from './family.ts';

/** Directives of which each keeps somebody out. */
const guards = /^(?:deny|auth_basic|auth_request|auth_jwt|access_by_lua(?:_block|_file)?)$/;

/** Statuses of `return` by which paths are closed or hidden. */
const closed: ReadonlySet<string | undefined> = new Set(['401', '403', '404', '410', '444']);

/** What of nginx code keeps clients out, as it is written: `deny all`. Whoever runs the Ingress without it opens what was closed. */
export function guardsIn(directives: readonly Directive[]): readonly string[] {
  const found = directives.filter(({ name, words: [word] }) => (guards.test(name) && word !== 'off') || (name === 'return' && closed.has(word)));
  return [...new Set(found.map(({ name, words }) => [name, ...words.slice(0, 1)].join(' ')))];
}

/** Of an annotation with code: nothing of it runs here, so that where it keeps clients out nobody is let in. */
export function readSnippet(annotation: Annotation<string>, { value, controller }: AnnotationReader): FamilyReading<never> {
  const code = value(annotation);
  if (code === undefined) return { type: 'nothing' };
  if (!controller.value('allow-snippet-annotations'))
    return { type: 'nothing', mistake: { annotation: annotation.name, message: '`allow-snippet-annotations` is not on' } };
  const [guard] = guardsIn(directivesIn(code));
  if (guard === undefined) return { type: 'nothing' };
  const message = `its code keeps clients out (\`${guard}\`), and Sluice does not run it`;
  return { type: 'denied', mistake: { annotation: annotation.name, message, isUnsupported: true } };
}
