import type { Form } from './form.ts';

/** How dangerous ingress-nginx takes an annotation to be; one above `annotations-risk-level` makes it drop the whole Ingress. */
type Risk = 'Low' | 'Medium' | 'High' | 'Critical';

/**
 * How near Sluice comes to what ingress-nginx does.
 * - `exact`: the same; - `near`: small differences that have a name; - `adapt`: the same in another way, with parts of our own;
 * - `noop`: of no use here, safe to be there; - `report`: not possible, and said.
 */
export type Verdict = 'exact' | 'near' | 'adapt' | 'noop' | 'report';

/** One annotation of ingress-nginx: the only place that says what it is. Reading, diagnostics, its reference page and the report of a migration all come from here. */
export interface Annotation<Value = unknown> {
  /** Without the prefix. */
  readonly name: string;
  /** Older spellings, read where the annotation itself is missing or empty. */
  readonly aliases?: readonly string[];
  /** Whether it speaks of the paths of its Ingress, or of the whole host names too. */
  readonly scope: 'location' | 'ingress';
  readonly risk: Risk;
  readonly verdict: Verdict;
  readonly form: Form<Value>;
  /** What it does here, for its reference page: a sentence or two. */
  readonly doc: string;
  /** Where the answer to a request differs. Undefined: nowhere. */
  readonly difference?: Difference;
}

/** All names by which an annotation is read, without the prefix: its own and older spellings. */
export function spellingsOf({ name, aliases = [] }: Pick<Annotation, 'name' | 'aliases'>): readonly string[] {
  return [name, ...aliases];
}

/** What stands beside an annotation. */
export interface Beside {
  /** Those of the Ingress. */
  readonly paths: readonly string[];
  /** What another annotation says, else the setting of its name; undefined where neither is written. */
  readonly textOf: (name: string) => string | undefined;
}

/** Where Sluice answers in another way than ingress-nginx. */
interface Difference {
  /** A request whose answer changes: `GET /deep`. The path is one below that of the Ingress, and `/` is that. */
  readonly example: string;
  /** Whether answers differ with this value, and with what else the Ingress says; otherwise they are the same. Undefined: they may with any. */
  readonly holdsFor?: (text: string, beside: Beside) => boolean;
  /** What ingress-nginx does with it. */
  readonly nginx: string;
  /** What Sluice does. */
  readonly sluice: string;
  readonly remedy: string;
}

/** Why something of an Ingress does not hold. */
export interface Mistake {
  /** Name of the annotation, without the prefix. */
  readonly annotation: string;
  /** One sentence. */
  readonly message: string;
  /** It is right for ingress-nginx, and Sluice cannot do it. Undefined: it means nothing there either. */
  readonly isUnsupported?: true;
}

/** What was found of one annotation. */
export type Found<Value> =
  | { readonly type: 'value'; readonly value: Value }
  | { readonly type: 'missing' }
  /** Refused by validation, as `accepts` of its form says. */
  | { readonly type: 'refused'; readonly mistake: Mistake }
  /** Passed validation, and means nothing. */
  | { readonly type: 'unreadable'; readonly mistake: Mistake };
