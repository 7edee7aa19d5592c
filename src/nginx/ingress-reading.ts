import type { Origin } from '../diagnostic.ts';
import { likelyMeant } from '../store/likely.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import { type Annotation, type Found, type Mistake, spellingsOf } from './annotation.ts';
import { annotationOrigin } from './annotation-origin.ts';
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
  /** Where an annotation is written that holds, else the setting of its name. @param name without the prefix. Undefined: nowhere, a default holds. */
  writtenAt(name: string): Origin | undefined;
}

/** Reads all annotations of an Ingress. */
export function readIngress(ingress: Stored<'Ingress'>, controller: Controller, view: StoreView): IngressReading {
  return readAnnotations(ingress, controller, view);
}

/** What holds where there are no annotations: what the settings say for all Ingresses. */
export function readNothing(controller: Controller, view: StoreView): IngressReading {
  return readAnnotations(undefined, controller, view);
}

function readAnnotations(ingress: Stored<'Ingress'> | undefined, controller: Controller, view: StoreView): IngressReading {
  const written = namesOf(ingress?.object.metadata.annotations ?? {}, controller.flags.annotationsPrefix);
  const ignored: Mistake[] = [];
  const unsupported: Mistake[] = [];
  const reader: AnnotationReader = {
    view,
    controller,
    namespace: ingress?.namespace ?? '',
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
  ignored.push(...misspelt(written));
  return {
    dropped: forbidden ?? all.find((reading) => reading.type === 'dropped')?.mistake,
    denied: all.find((reading) => reading.type === 'denied')?.mistake,
    ignored,
    unsupported,
    of: configOf(configs),
    writtenAt: placeOf(ingress, controller, ignored),
  };
}

/** A function of its own, as readings are kept for long, and must not hold on to the view that they were read from. */
function configOf(configs: ReadonlyMap<Family, unknown>): IngressReading['of'] {
  return <Config>(family: Family<Config>) => configs.get(family as Family) as Config | undefined;
}

/** So is this. @param ignored annotations that do not hold. */
function placeOf(ingress: Stored<'Ingress'> | undefined, controller: Controller, ignored: readonly Mistake[]): IngressReading['writtenAt'] {
  return (name) => {
    const text = ingress?.object.metadata.annotations?.[`${controller.flags.annotationsPrefix}/${name}`];
    const holds = text && !ignored.some(({ annotation }) => annotation === name);
    return ingress && holds ? annotationOrigin(ingress, controller, name) : controller.writtenAt(name);
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

/** Older spellings are as dangerous. */
const riskOf: ReadonlyMap<string, (typeof risks)[number]> = new Map(
  families.flatMap(({ annotations }) =>
    Object.values(annotations).flatMap((annotation) => spellingsOf(annotation).map((one) => [one, annotation.risk] as const)),
  ),
);

/** Every name, older spellings too. */
const names = families.flatMap(({ annotations }) => Object.values(annotations).flatMap(spellingsOf));
const knownNames: ReadonlySet<string> = new Set(names);

/** Those that no annotation has and that are near to one. Of all others nobody can tell whether anything was meant here. */
function misspelt(written: Readonly<Record<string, string>>): readonly Mistake[] {
  return Object.keys(written).flatMap((annotation) => {
    const meant = knownNames.has(annotation) ? undefined : likelyMeant(annotation, names);
    return meant === undefined ? [] : [{ annotation, message: `no annotation has this name; write ${meant}, if that is meant` }];
  });
}

/** The annotations under a prefix, without it. */
function namesOf(annotations: Readonly<Record<string, string>>, prefix: string): Readonly<Record<string, string>> {
  const start = `${prefix}/`;
  const own: Record<string, string> = Object.create(null);
  for (const key in annotations) if (key.startsWith(start)) own[key.slice(start.length)] = annotations[key] ?? '';
  return own;
}

function tooRisky(written: Readonly<Record<string, string>>, controller: Controller): Mistake | undefined {
  const level = controller.value('annotations-risk-level');
  const allowed = (risks as readonly string[]).indexOf(level);
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
