import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic, Report } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { Life } from '../ir/life.ts';
import { createSlot } from '../memo/slot.ts';
import { type Changes, kindKey, objectKey, slicesKey, subjectOf } from '../store/changes.ts';
import { notingView } from '../store/noting-view.ts';
import type { StoreView } from '../store/view.ts';
import type { ResolveOptions } from './backend.ts';
import type { BackendRef } from './backend-target.ts';
import type { Reading } from './route-context.ts';
import type { TrafficPolicies, TrafficTarget } from './traffic/policies.ts';

/** What translations look up. */
type LookedUp = Pick<Reading, 'view' | 'resolver' | 'policies' | 'changes'>;

/**
 * Something that a translation looked up: whether the same would be found now. To look again may report what was reported the first time, so
 * looks are repeated in their order, up to the first that finds something else: a translation that is made anew then repeats them too.
 * It is kept as long as what was made. So each is made by a function of its own, which knows what was given and nothing of what gave it: with that all
 * states of the store since, and all that was made of them, would stay.
 */
export type Look<From> = (now: From) => boolean;

/** What was ever looked up. Thousands of notes need not be asked whether they have a key that none of them can have. */
const notedSubjects = new Set<string>();

/** Of what changed that which may have been looked up. */
const touchedKeys = createSlot<ReadonlySet<string>, readonly string[]>();

/** Keys of all that changed and that anything may have been noted of: mostly none, as nothing looks up routes. Undefined: anything may have changed. */
export function touchedNotes({ touched }: Changes): readonly string[] | undefined {
  if (!touched) return undefined;
  const known = touchedKeys.get(touched) ?? [...touched].filter((key) => notedSubjects.has(subjectOf(key)));
  touchedKeys.set(touched, known);
  return known;
}

/** All that a translation looked up. */
export class Notes<From extends Pick<LookedUp, 'changes'> = LookedUp> {
  readonly #looks: Look<From>[] = [];
  /** Of the looks those that no keys stand for. */
  readonly #free: Look<From>[] = [];
  readonly #keys = new Set<string>();
  /** Mark of the moment when all of it was last known to be found again. */
  #moment: object;

  constructor({ now }: Changes) {
    this.#moment = now.mark;
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

  /** Whether keys stand for all of it. */
  haveKeys(): boolean {
    return this.#free.length === 0;
  }

  /** Whether a key of these stands for something that was looked up. */
  hasAny(keys: readonly string[]): boolean {
    return keys.some((key) => this.#keys.has(key));
  }

  /** Whether all of it would be found again. Nothing is looked up for which nothing changed since that was asked last. */
  holds(from: From): boolean {
    const { changes } = from;
    const touched = touchedNotes(changes);
    const isKnown = this.#moment === changes.now.mark || (this.#moment === changes.before?.mark && touched !== undefined && !this.hasAny(touched));
    const holds = (isKnown ? this.#free : this.#looks).every((isFoundAgain) => isFoundAgain(from));
    if (holds) this.#moment = changes.now.mark;
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
        notes.add(resolvedAgain(ref, options, given, told), objectKey(kind, namespace, name), slicesKey(namespace, name));
        return given;
      },
      life(backend) {
        const keys = keysOfEndpoints(backend.endpoints);
        const given = resolver.life(backend);
        if (keys.length > 0) notes.add(lifeAgain(backend, given), ...keys);
        return given;
      },
      // They follow from the backend.
      secrets: resolver.secrets,
    },
    policies: policies.isEmpty ? notedEmpty(policies, notes) : notedPolicies(policies, notes),
  };
}

/** Whether a reference leads to the same backend, and the same is wrong with it. */
function resolvedAgain(ref: BackendRef, options: ResolveOptions, given: Backend | undefined, told: readonly Diagnostic[]): Look<LookedUp> {
  return ({ resolver }) => {
    const again: Diagnostic[] = [];
    const found = resolver.resolve(ref, { ...options, report: (one) => again.push(one) });
    return found === given && again.length === told.length && again.every((one, index) => isSameDiagnostic(one, told[index]));
  };
}

function lifeAgain(backend: Backend, given: Life): Look<LookedUp> {
  return ({ resolver }) => resolver.life(backend) === given;
}

/** Lines count too, though to look them up costs the document to be read again: an object may only have moved. */
function isSameDiagnostic(a: Diagnostic, b: Diagnostic | undefined): boolean {
  return b !== undefined && isDeepStrictEqual(a, b) && a.at.line === b.at.line && a.at.column === b.at.column;
}

/** A policy holds for a target that is there. */
const keyOfTarget = ({ kind, namespace, name }: TrafficTarget): string => objectKey(kind, namespace, name);

function notedPolicies(policies: TrafficPolicies, notes: Pick<Notes, 'add'>): TrafficPolicies {
  return {
    ...policies,
    of(target) {
      const given = policies.of(target);
      notes.add(policiesAgain(target, given), keyOfTarget(target));
      return given;
    },
  };
}

function policiesAgain(target: TrafficTarget, given: ReturnType<TrafficPolicies['of']>): Look<LookedUp> {
  return ({ policies }) => policies.of(target) === given;
}

/** Where there is no policy at all, one look stands for all. */
function notedEmpty(policies: TrafficPolicies, notes: Pick<Notes, 'add'>): TrafficPolicies {
  let isNoted = false;
  return {
    ...policies,
    of() {
      // A policy that comes is told by no key, as are all objects of its kind: then everything is looked up again.
      if (!isNoted) notes.add(isWithoutPolicies, kindKey('TrafficPolicy'));
      isNoted = true;
      return undefined;
    },
  };
}

const isWithoutPolicies: Look<LookedUp> = ({ policies }) => policies.isEmpty;

function notedView(view: StoreView, notes: Pick<Notes, 'add'>): StoreView {
  return notingView(view, (given, again, ...keys) => {
    notes.add(seenAgain(given, again), ...keys);
    return given;
  });
}

function seenAgain(given: unknown, again: (view: StoreView) => unknown): Look<LookedUp> {
  return ({ view }) => again(view) === given;
}

/** None: they follow from the backend alone. */
function keysOfEndpoints(from: Backend['endpoints']): readonly string[] {
  if (from.type === 'service') return [slicesKey(from.namespace, from.service)];
  return from.type === 'static' ? [objectKey('Backend', from.namespace, from.backend)] : [];
}
