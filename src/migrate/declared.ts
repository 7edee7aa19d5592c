import { type Annotation, type Beside, spellingsOf } from '../nginx/annotation.ts';
import { families } from '../nginx/family/index.ts';
import { notRead } from '../nginx/family.ts';
import type { Stored } from '../store/stored.ts';
import type { Finding, IngressFinding } from './finding.ts';
import { exampleFor, foundAt, type Scene, textOf } from './scene.ts';

/** An annotation as the report needs it. */
interface Declared {
  /** As written: its name or an older spelling of it. */
  readonly name: string;
  readonly annotation: Annotation;
  readonly isRead: boolean;
}

/** Every name that ingress-nginx knows, older spellings too. */
export const declaredNames: ReadonlyMap<string, Declared> = new Map(
  families.flatMap(({ annotations, read }) =>
    Object.values(annotations).flatMap((annotation) =>
      spellingsOf(annotation).map((name): [string, Declared] => [name, { name, annotation, isRead: read !== notRead }]),
    ),
  ),
);

/** What the declarations say of each annotation that is written. */
export function* declaredFindings(scene: Scene): Iterable<IngressFinding> {
  for (const { ingress } of scene.ingresses) {
    for (const declared of declaredNames.values()) {
      const text = textOf(scene, ingress, declared.name);
      if (text === undefined) continue;
      const found = findingOf(declared, text, besideOf(scene, ingress));
      const changes = found.level !== 'exact' && found.level !== 'inert';
      yield foundAt(scene, ingress, declared.name, changes ? { ...found, example: exampleFor(ingress, found.example) } : found);
    }
  }
}

const levelOf = { near: 'near', adapt: 'adapted', report: 'unsupported' } as const;

/** What happens where nobody does anything: said of annotations that have no words of their own. */
const review = 'Look at what the Ingress needs it for, and say that with an HTTPRoute or a policy of Sluice.';

function besideOf(scene: Scene, ingress: Stored<'Ingress'>): Beside {
  return {
    paths: (ingress.object.spec.rules ?? []).flatMap(({ http }) => http?.paths.map(({ path = '/' }) => path) ?? []),
    textOf: (name) => textOf(scene, ingress, name) ?? scene.controller.written[name],
  };
}

function findingOf({ annotation: { verdict, doc, difference, form }, isRead }: Declared, text: string, beside: Beside): Finding {
  if (text === '') return { level: 'inert', message: 'It is empty, which counts as not there.' };
  if (verdict === 'noop') return { level: 'inert', message: doc };
  if (verdict === 'report' && form.read(text) === false) return { level: 'inert', message: 'It is off, as it is by default.' };
  if (!isRead && verdict !== 'report')
    return { level: 'unsupported', message: 'Sluice does not read it; the Ingress is served as if it were not there.', remedy: review };
  if (verdict === 'exact') return { level: 'exact', message: doc };
  if (!difference) return { level: levelOf[verdict], message: doc, remedy: review };
  const { example, nginx, sluice, remedy, holdsFor = () => true } = difference;
  if (!holdsFor(text, beside)) return { level: 'exact', message: doc };
  return { level: levelOf[verdict], message: `ingress-nginx: ${nginx} Sluice: ${sluice}`, example, remedy };
}
