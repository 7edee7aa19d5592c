import { type Diagnostic, diagnostic, type Report } from '../../diagnostic.ts';
import { eachOfListAtOnce } from '../../memo/each-of-list.ts';
import { annotationOrigin } from '../../nginx/annotation-origin.ts';
import type { Controller } from '../../nginx/controller.ts';
import { canary } from '../../nginx/family/canary.ts';
import { clientCertificate } from '../../nginx/family/client-certificate.ts';
import { families } from '../../nginx/family/index.ts';
import { serverAlias } from '../../nginx/family/server-alias.ts';
import { sslCiphers } from '../../nginx/family/ssl-ciphers.ts';
import { sslPassthrough } from '../../nginx/family/ssl-passthrough.ts';
import { type Family, notRead } from '../../nginx/family.ts';
import { knownReading } from '../../nginx/known-reading.ts';
import { listChange } from '../../store/list-change.ts';
import type { Stored } from '../../store/stored.ts';
import type { StoreView } from '../../store/view.ts';
import type { Work } from '../../work.ts';
import { leftBehind } from '../left-behind.ts';
import type { Reading } from '../route-context.ts';
import { holdingOnCanary } from './canaries.ts';
import { isOurs } from './class.ts';
import type { ReadIngress } from './location.ts';
import { upstreamFamilies } from './upstreams.ts';

/** The Ingresses of ours that are served, each list oldest first. */
export interface ReadIngresses {
  /** How many are ours, served or not. */
  readonly ours: number;
  served(): readonly ReadIngress[];
  /** Those that are canaries. */
  readonly canaries: readonly ReadIngress[];
  /** Those that are no canaries. */
  mains(): readonly ReadIngress[];
  /** The first of these. Undefined: there is none. */
  readonly oldest: Stored<'Ingress'> | undefined;
  /** What of the mains was not among those of the translation before, and the other way round. Undefined: there was none, or all may be different. */
  readonly change: { readonly gone: readonly ReadIngress[]; readonly come: readonly ReadIngress[] } | undefined;
  /** The mains that ask for HTTPS. */
  readonly withTls: readonly Stored<'Ingress'>[];
  /** The mains that say something of one of the families below. */
  asking(family: (typeof rare)[number]): readonly ReadIngress[];
}

/** Families that few Ingresses have, of which something has to be known of all of them. */
const rare = [serverAlias, sslCiphers, clientCertificate, sslPassthrough, ...upstreamFamilies] as const satisfies readonly Family[];

/** What became of an Ingress. */
interface Outcome {
  readonly ingress: Stored<'Ingress'>;
  readonly isOurs: boolean;
  /** Undefined: it is not served. */
  readonly read: ReadIngress | undefined;
  readonly isCanary: boolean;
  readonly asks: readonly Family[];
  readonly diagnostics: readonly Diagnostic[];
  /** It is served, and no list but those of all has it, as most: nothing need be looked at. */
  readonly isPlain: boolean;
}

interface Left {
  readonly controller: Controller;
  readonly list: readonly Stored<'Ingress'>[];
  readonly outcomes: readonly Outcome[];
}

const left = leftBehind<Left>();

/**
 * Reads the annotations of all Ingresses. What they look up besides, settings and Secrets, is of kinds of which every change makes all be read anew; else
 * those that changed are.
 * Gives `ClassForeign`, `AnnotationIgnored`, `IngressDropped`, `IngressDenied`.
 */
export function* readIngresses(controller: Controller, { view, changes }: Reading, report: Report): Work<ReadIngresses> {
  const list = view.list('Ingress');
  const before = left.before(changes);
  const kept = before && before.controller === controller && changes.touched ? before : { list: [], outcomes: [] };
  const { head, tail } = listChange<Stored<'Ingress'>>(kept.list, list);
  const moved = kept.outcomes.slice(head, kept.outcomes.length - tail);
  const known = new Map(moved.map((outcome) => [outcome.ingress, outcome]));
  const between: Outcome[] = [];
  for (const ingress of list.slice(head, list.length - tail)) {
    between.push(known.get(ingress) ?? outcomeOf(ingress, controller, view));
    yield;
  }
  const outcomes = [...kept.outcomes.slice(0, head), ...between, ...kept.outcomes.slice(kept.outcomes.length - tail)];
  left.leave(changes, { controller, list, outcomes });
  const { gone, come } = listChange(moved, between);
  return sorted(outcomes, kept === before ? { gone: mainsAmong(gone), come: mainsAmong(come) } : undefined, report);
}

const specialIn = eachOfListAtOnce((outcome: Outcome) => (outcome.isPlain ? undefined : outcome));

function sorted(outcomes: readonly Outcome[], change: ReadIngresses['change'], report: Report): ReadIngresses {
  const special = specialIn('', outcomes).filter((outcome) => outcome !== undefined);
  for (const { diagnostics } of special) diagnostics.forEach(report);
  const specialMains = mainsAmong(special);
  return {
    ours: outcomes.length - special.filter(({ isOurs: isOwn }) => !isOwn).length,
    served: () => outcomes.flatMap(({ read }) => read ?? []),
    canaries: special.flatMap(({ read, isCanary }) => (read && isCanary ? [read] : [])),
    mains: () => mainsAmong(outcomes),
    oldest: outcomes.find(isMain)?.ingress,
    change,
    withTls: specialMains.flatMap(({ ingress }) => (ingress.object.spec.tls ? [ingress] : [])),
    asking: (family) => special.flatMap((outcome) => (isMain(outcome) && outcome.asks.includes(family) ? [outcome.read] : [])),
  };
}

function isMain(outcome: Outcome): outcome is Outcome & { readonly read: ReadIngress } {
  return outcome.read !== undefined && !outcome.isCanary;
}

function mainsAmong(outcomes: readonly Outcome[]): readonly ReadIngress[] {
  return outcomes.flatMap((outcome) => (isMain(outcome) ? [outcome.read] : []));
}

const none: readonly Family[] = [];

function outcomeOf(ingress: Stored<'Ingress'>, controller: Controller, view: StoreView): Outcome {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (one) => void diagnostics.push(one);
  const isOwn = isOurs(view, ingress, controller.flags, report);
  const read = isOwn ? { ingress, reading: knownReading(ingress, controller, view) } : undefined;
  const isServed = read && reportReading(read, controller, report);
  const asks = isServed ? rare.filter((family) => read.reading.of<unknown>(family)) : none;
  const isCanary = Boolean(read?.reading.of(canary));
  return {
    ingress,
    isOurs: isOwn,
    read: isServed ? read : undefined,
    isCanary,
    asks: asks.length > 0 ? asks : none,
    diagnostics,
    isPlain: isServed === true && !isCanary && !ingress.object.spec.tls && asks.length === 0 && diagnostics.length === 0,
  };
}

/** What to do where an annotation has no effect. */
const remedyOf: ReadonlyMap<string, string> = new Map(
  families.flatMap(({ annotations }) =>
    Object.values(annotations).flatMap(({ name, difference }): readonly [string, string][] => (difference ? [[name, difference.remedy]] : [])),
  ),
);

/** What has a declaration and no effect. */
const withoutEffect = families.flatMap(({ read, annotations }) =>
  Object.values(annotations)
    .filter(({ verdict }) => verdict !== 'noop' && (read === notRead || verdict === 'report'))
    .map(({ name }) => name),
);

/** Whether an annotation has the prefix: of most Ingresses none has, and every build asks. */
function isAnyBelow(annotations: Readonly<Record<string, string>>, prefix: string): boolean {
  for (const key in annotations) if (key.startsWith(prefix)) return true;
  return false;
}

/** Tells what became of the annotations: on a canary of those that hold there. Gives whether the Ingress is served. */
function reportReading({ ingress, reading }: ReadIngress, controller: Controller, report: Report): boolean {
  const { dropped, denied, ignored, unsupported } = reading;
  const prefix = controller.flags.annotationsPrefix;
  const at = (annotation: string) => annotationOrigin(ingress, controller, annotation);
  const written = ingress.object.metadata.annotations ?? {};
  const isCanary = Boolean(reading.of(canary));
  const isIdle = (name: string): boolean => isCanary && !holdingOnCanary.has(name);
  const isTold = (name: string): boolean => [denied, ...ignored, ...unsupported].some((mistake) => mistake?.annotation === name);
  for (const name of dropped || !isAnyBelow(written, prefix) ? [] : withoutEffect) {
    if (written[`${prefix}/${name}`] === undefined || isIdle(name) || isTold(name)) continue;
    const message = `${prefix}/${name} is nothing that Envoy can do, so the Ingress is served as if it were not there.`;
    report(diagnostic('AnnotationIgnored', at(name), message, remedyOf.get(name)));
  }
  for (const { annotation, message, isUnsupported } of ignored) {
    if (annotation === dropped?.annotation) continue;
    const where = isUnsupported && !isIdle(annotation) ? 'unlike behind ingress-nginx' : 'as for ingress-nginx';
    report(diagnostic('AnnotationIgnored', at(annotation), `${prefix}/${annotation} has no effect, ${where}: ${message}.`));
  }
  for (const { annotation, message } of dropped ? [] : unsupported) {
    if (isIdle(annotation)) continue;
    report(diagnostic('AnnotationIgnored', at(annotation), `${prefix}/${annotation} has no effect here: ${message}.`, remedyOf.get(annotation)));
  }
  if (dropped) {
    const message = `The Ingress is not served at all, as ingress-nginx does not: of ${prefix}/${dropped.annotation}, ${dropped.message}.`;
    report(diagnostic('IngressDropped', at(dropped.annotation), message, 'Mend or remove the annotation.'));
  }
  if (denied && !dropped && !isIdle(denied.annotation)) {
    const message = `All paths of the Ingress are answered with 503, ${denied.isUnsupported ? 'unlike behind ingress-nginx' : 'as ingress-nginx does'}: of ${prefix}/${denied.annotation}, ${denied.message}.`;
    report(diagnostic('IngressDenied', at(denied.annotation), message, 'Mend or remove the annotation.'));
  }
  return !dropped;
}
