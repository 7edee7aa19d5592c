import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import type { Annotation, Found, Mistake } from './annotation.ts';
import type { Controller } from './controller.ts';
import { families } from './family/index.ts';
import type { AnnotationReader, Family } from './family.ts';

/** What the annotations of an Ingress say, read as ingress-nginx reads them. */
export interface IngressReading {
  /** Undefined: it is served. Else ingress-nginx takes it for not there, and so is it here. */
  readonly dropped: Mistake | undefined;
  /** Undefined: none. Else all its paths are answered with 503. */
  readonly denied: Mistake | undefined;
  /** What ingress-nginx passes over in silence. */
  readonly ignored: readonly Mistake[];
  /** What ingress-nginx does and Sluice does not. */
  readonly unsupported: readonly Mistake[];
  /** What a family says; undefined where it asks for nothing. */
  of<Config>(family: Family<Config>): Config | undefined;
}

/** Reads all annotations of an Ingress. */
export function readIngress(ingress: Stored<'Ingress'>, controller: Controller, view: StoreView): IngressReading {
  return readAnnotations(ingress.object.metadata.annotations ?? {}, ingress.namespace, controller, view);
}

/** What holds where there are no annotations: what the settings say for all Ingresses. */
export function readNothing(controller: Controller, view: StoreView): IngressReading {
  return readAnnotations({}, '', controller, view);
}

function readAnnotations(annotations: Readonly<Record<string, string>>, namespace: string, controller: Controller, view: StoreView): IngressReading {
  const written = namesOf(annotations, controller.flags.annotationsPrefix);
  const ignored: Mistake[] = [];
  const unsupported: Mistake[] = [];
  const reader: AnnotationReader = {
    view,
    controller,
    namespace,
    find: (annotation) => findAnnotation(annotation, written, controller),
    value: (annotation) => {
      const found = findAnnotation(annotation, written, controller);
      return found.type === 'value' ? found.value : undefined;
    },
    ignore: (mistake) => ignored.push(mistake),
    unsupported: (mistake) => unsupported.push(mistake),
  };
  const forbidden = tooRisky(written, controller) ?? withBlockedWord(written, controller);
  const all = families.map((family) => family.read(reader));
  // Alone what asks for something: of a family that says nothing, every build asks many times.
  const configs = new Map<Family, unknown>();
  for (const [index, reading] of all.entries()) if (reading.type === 'config') configs.set(families[index] as Family, reading.config);
  for (const reading of all) if (reading.type === 'nothing' && reading.mistake) ignored.push(reading.mistake);
  return {
    dropped: forbidden ?? all.find((reading) => reading.type === 'dropped')?.mistake,
    denied: all.find((reading) => reading.type === 'denied')?.mistake,
    ignored,
    unsupported,
    of: <Config>(family: Family<Config>) => configs.get(family as Family) as Config | undefined,
  };
}

/** An empty value counts as none, then an older spelling holds; validation can be switched off. */
function findAnnotation<Value>(annotation: Annotation<Value>, written: Readonly<Record<string, string>>, { flags }: Controller): Found<Value> {
  const { name, aliases = [], form } = annotation;
  const key = written[name] ? name : (aliases.find((one) => written[one]) ?? name);
  const text = written[key];
  if (text === undefined) return { type: 'missing' };
  const mistake = { annotation: name, message: `${JSON.stringify(text)} is not ${form.doc}` };
  if (text !== '' && flags.validatesAnnotations && !form.accepts(text)) return { type: 'refused', mistake };
  const value = form.read(text);
  return value === undefined ? { type: 'unreadable', mistake } : { type: 'value', value };
}

const risks = ['Low', 'Medium', 'High', 'Critical'] as const;

const riskOf: ReadonlyMap<string, (typeof risks)[number]> = new Map(
  families.flatMap(({ annotations }) => Object.values(annotations).map(({ name, risk }) => [name, risk] as const)),
);

/** The annotations under a prefix, without it. */
function namesOf(annotations: Readonly<Record<string, string>>, prefix: string): Readonly<Record<string, string>> {
  const start = `${prefix}/`;
  const own: Record<string, string> = Object.create(null);
  for (const key in annotations) if (key.startsWith(start)) own[key.slice(start.length)] = annotations[key] ?? '';
  return own;
}

function tooRisky(written: Readonly<Record<string, string>>, controller: Controller): Mistake | undefined {
  const level = controller.value('annotations-risk-level');
  const allowed = risks.findIndex((risk) => risk === level);
  const limit = allowed === -1 ? risks.indexOf('High') : allowed;
  for (const name of Object.keys(written)) {
    const risk = riskOf.get(name);
    if (risk === undefined || risks.indexOf(risk) <= limit) continue;
    return { annotation: name, message: `its risk is ${risk}, above ${risks[limit]}, which \`annotations-risk-level\` allows` };
  }
  return undefined;
}

/** Words as they are written between the commas; a comma too many is the empty word, which is in every value. */
function withBlockedWord(written: Readonly<Record<string, string>>, controller: Controller): Mistake | undefined {
  const words = controller.value('annotation-value-word-blocklist').trim();
  if (words === '') return undefined;
  for (const [annotation, text] of Object.entries(written)) {
    const word = words.split(',').find((one) => text.includes(one));
    if (word !== undefined) return { annotation, message: `its value holds ${JSON.stringify(word)}, which \`annotation-value-word-blocklist\` forbids` };
  }
  return undefined;
}
