import type { StoreView } from '../store/view.ts';
import type { Annotation, Found, Mistake } from './annotation.ts';
import type { Controller } from './controller.ts';

/**
 * Annotations that ingress-nginx reads together: what one of them cannot say, none of them may say. A family is one of its parsers.
 * @see https://github.com/kubernetes/ingress-nginx/tree/main/internal/ingress/annotations
 */
export interface Family<Config = unknown> {
  /** In kebab-case, as its file. */
  readonly name: string;
  readonly annotations: Readonly<Record<string, Annotation>>;
  /** What the annotations of an Ingress say together, with the settings of the controller filled in; also called where the Ingress has none of them. */
  read(reader: AnnotationReader): FamilyReading<Config>;
}

/** The outcome of a family. */
export type FamilyReading<Config> =
  | { readonly type: 'config'; readonly config: Config }
  /** Nothing is asked for, or what is asked for does not hold and ingress-nginx goes on without it. */
  | { readonly type: 'nothing'; readonly mistake?: Mistake }
  /** All paths of the Ingress are answered with 503. */
  | { readonly type: 'denied'; readonly mistake: Mistake }
  /** The Ingress is not served at all. */
  | { readonly type: 'dropped'; readonly mistake: Mistake };

/** What a family reads from. */
export interface AnnotationReader {
  readonly view: StoreView;
  readonly controller: Controller;
  /** Namespace of the Ingress. */
  readonly namespace: string;
  /** What is there of an annotation. */
  find<Value>(annotation: Annotation<Value>): Found<Value>;
  /** Its value, undefined where it is missing or wrong. */
  value<Value>(annotation: Annotation<Value>): Value | undefined;
  /** Tells of a mistake that ingress-nginx passes over; the family goes on. */
  ignore(mistake: Mistake): void;
  /** Tells of something that ingress-nginx does and Sluice does not; `message` is the reason, without a full stop. */
  unsupported(mistake: Mistake): void;
}

/** Of a family that Sluice does not read yet; its annotations are reported. */
export const notRead = (): { readonly type: 'nothing' } => ({ type: 'nothing' });

/** Of a family that means nothing here, but where validation refuses one of its values: that drops the Ingress all the same. */
export const readRefusals =
  (annotations: Family['annotations']) =>
  (reader: AnnotationReader): FamilyReading<never> =>
    refusalOf(reader, Object.values(annotations)) ?? { type: 'nothing' };

/** What comes of the first annotation that validation refuses, where that drops the Ingress. Undefined: it refuses none. */
export function refusalOf(reader: Pick<AnnotationReader, 'find'>, some: readonly Annotation[]): Extract<FamilyReading<never>, { type: 'dropped' }> | undefined {
  for (const annotation of some) {
    const found = reader.find(annotation);
    if (found.type === 'refused') return { type: 'dropped', mistake: found.mistake };
  }
  return undefined;
}

/** The value of an annotation; a wrong one is told of and counts as none, as where ingress-nginx goes on with its default. */
export function valueOrIgnored<Value>(reader: AnnotationReader, annotation: Annotation<Value>): Value | undefined {
  const found = reader.find(annotation);
  if (found.type === 'refused' || found.type === 'unreadable') reader.ignore(found.mistake);
  return found.type === 'value' ? found.value : undefined;
}

/** The same with something in its place. */
export function valueOr<Value>(reader: AnnotationReader, annotation: Annotation<Value>, fallback: Value): Value {
  return valueOrIgnored(reader, annotation) ?? fallback;
}

/** A family whose reading is nothing but the value of its only annotation. @param refused what a value does that validation refuses. */
export function single<Value>(name: string, annotation: Annotation<Value>, refused: 'is passed over' | 'drops the Ingress' = 'is passed over'): Family<Value> {
  return {
    name,
    annotations: { [annotation.name]: annotation as Annotation },
    read(reader) {
      const found = reader.find(annotation);
      if (found.type === 'value') return { type: 'config', config: found.value };
      if (found.type === 'refused' && refused === 'drops the Ingress') return { type: 'dropped', mistake: found.mistake };
      return found.type === 'missing' ? { type: 'nothing' } : { type: 'nothing', mistake: found.mistake };
    },
  };
}
