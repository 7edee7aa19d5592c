import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic, Report } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import { type Changes, kindKey, type Moment, objectKey, slicesKey, subjectOf } from '../store/changes.ts';
import { notingView } from '../store/noting-view.ts';
import type { StoreView } from '../store/view.ts';
import type { BackendResolver, ResolveOptions } from './backend.ts';
import type { BackendRef } from './backend-target.ts';
import type { Reading } from './route-context.ts';
import type { TrafficPolicies, TrafficTarget } from './traffic/policies.ts';

/** What translations look up. */
type LookedUp = Pick<Reading, 'view' | 'resolver' | 'policies' | 'changes'>;

/**
 * Something that a translation looked up: whether the same would be found now. To look again may report what was reported the first time, so
 * looks are repeated in their order, up to the first that finds something else: a translation that is made anew then repeats them too.
 */
export type Look<From> = (now: From) => boolean;

/** What was ever looked up. Thousands of notes need not be asked whether they have a key that none of them can have. */
const notedSubjects = new Set<string>();

/** Of what changed that which may have been looked up. */
const touchedKeys = new WeakMap<ReadonlySet<string>, readonly string[]>();

function isUntouched(keys: ReadonlySet<string>, { touched }: Changes): boolean {
  if (!touched) return false;
  const known = touchedKeys.get(touched) ?? [...touched].filter((key) => notedSubjects.has(subjectOf(key)));
  touchedKeys.set(touched, known);
  return known.every((key) => !keys.has(key));
}

/** All that a translation looked up. */
export class Notes<From extends Pick<LookedUp, 'changes'> = LookedUp> {
  readonly #looks: Look<From>[] = [];
  /** Of the looks those that no keys stand for. */
  readonly #free: Look<From>[] = [];
  readonly #keys = new Set<string>();
  /** When all of it was last known to be found again. */
  #moment: Moment;

  constructor({ now }: Changes) {
    this.#moment = now;
  }

  /** @param keys what has to change for the look to find something else, see `changes.ts`. None: that cannot be said. */
  add(look: Look<From>, ...keys: readonly string[]): void {
    this.#looks.push(look);
    for (const key of keys) {
      this.#keys.add(key);
      notedSubjects.add(subjectOf(key));
    }
    if (keys.length === 0) this.#free.push(look);
  }

  /** Whether all of it would be found again. Nothing is looked up for which nothing changed since that was asked last. */
  holds(from: From): boolean {
    const { changes } = from;
    const isKnown = this.#moment === changes.now || (this.#moment === changes.before && isUntouched(this.#keys, changes));
    const holds = (isKnown ? this.#free : this.#looks).every((isFoundAgain) => isFoundAgain(from));
    if (holds) this.#moment = changes.now;
    return holds;
  }
}

/** The same to read from; what is looked up is noted. What is wrong with backends is told, also where it was told before. */
export function notingReading(
  { view, resolver, policies }: LookedUp,
  notes: Pick<Notes, 'add'>,
  report: Report,
): Pick<LookedUp, 'view' | 'resolver' | 'policies'> {
  const resolved = new Set<string>();
  const note = <Given>(given: Given, again: (now: LookedUp) => unknown, ...keys: readonly string[]): Given => {
    notes.add((now) => again(now) === given, ...keys);
    return given;
  };
  return {
    view: notedView(view, notes),
    resolver: {
      resolve(ref, options) {
        const told: Diagnostic[] = [];
        const given = resolver.resolve(ref, { ...options, report: (one) => told.push(one) });
        told.forEach(report);
        // Many paths lead to one backend. Once found it says nothing of the place that refers to it, so one look stands for all.
        const key = given && Object.keys(options.wishes ?? {}).length === 0 ? JSON.stringify([ref, options.grpc]) : undefined;
        if (key !== undefined && resolved.has(key)) return given;
        if (key !== undefined) resolved.add(key);
        const { kind, namespace, name } = ref;
        notes.add((now) => isSameResolved(now.resolver, ref, options, given, told), objectKey(kind, namespace, name), slicesKey(namespace, name));
        return given;
      },
      life(backend) {
        const keys = keysOfEndpoints(backend.endpoints);
        const given = resolver.life(backend);
        return keys.length === 0 ? given : note(given, (now) => now.resolver.life(backend), ...keys);
      },
      // They follow from the backend.
      secrets: resolver.secrets,
    },
    policies: policies.isEmpty
      ? notedEmpty(policies, notes)
      : { ...policies, of: (target) => note(policies.of(target), (now) => now.policies.of(target), keyOfTarget(target)) },
  };
}

/** Whether a reference leads to the same backend, and the same is wrong with it. */
function isSameResolved(resolver: BackendResolver, ref: BackendRef, options: ResolveOptions, given: Backend | undefined, told: readonly Diagnostic[]): boolean {
  const again: Diagnostic[] = [];
  const found = resolver.resolve(ref, { ...options, report: (one) => again.push(one) });
  return found === given && again.length === told.length && again.every((one, index) => isSameDiagnostic(one, told[index]));
}

/** Lines count too, though to look them up costs the document to be read again: an object may only have moved. */
function isSameDiagnostic(a: Diagnostic, b: Diagnostic | undefined): boolean {
  return b !== undefined && isDeepStrictEqual(a, b) && a.at.line === b.at.line && a.at.column === b.at.column;
}

/** A policy holds for a target that is there. */
const keyOfTarget = ({ kind, namespace, name }: TrafficTarget): string => objectKey(kind, namespace, name);

/** Where there is no policy at all, one look stands for all. */
function notedEmpty(policies: TrafficPolicies, notes: Pick<Notes, 'add'>): TrafficPolicies {
  let isNoted = false;
  return {
    ...policies,
    of() {
      // A policy that comes is told by no key, as are all objects of its kind: then everything is looked up again.
      if (!isNoted) notes.add((now) => now.policies.isEmpty, kindKey('TrafficPolicy'));
      isNoted = true;
      return undefined;
    },
  };
}

function notedView(view: StoreView, notes: Pick<Notes, 'add'>): StoreView {
  return notingView(view, (given, again, ...keys) => {
    notes.add((now) => again(now.view) === given, ...keys);
    return given;
  });
}

/** None: they follow from the backend alone. */
function keysOfEndpoints(from: Backend['endpoints']): readonly string[] {
  if (from.type === 'service') return [slicesKey(from.namespace, from.service)];
  return from.type === 'static' ? [objectKey('Backend', from.namespace, from.backend)] : [];
}
