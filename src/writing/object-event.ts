import type { Diagnostic, DiagnosticCode } from '../diagnostic.ts';
import { type Kind, kinds } from '../kind/index.ts';
import type { StoreView } from '../store/view.ts';

/** An object of the cluster, as an Event refers to it. */
export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  /** Undefined for kinds without namespace. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
}

/**
 * What is to be told of an object of the cluster.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
export interface ObjectEvent {
  /** Of the object by uid, of reason, and of words: on every replica the same. */
  readonly id: string;
  readonly regarding: Regarding;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

/** What the objects of others are told by their own controllers. */
const untold: ReadonlySet<DiagnosticCode> = new Set(['ClassForeign']);

const refusals: ReadonlySet<string> = new Set<DiagnosticCode>(['PortRefusedByEnvoy', 'RefusedByEnvoy']);

/** Whether it tells what Envoys refuse, until they take it. */
export const isRefusal = ({ reason }: ObjectEvent): boolean => refusals.has(reason);

/** What an API server takes at most, in bytes. */
const mostNoteBytes = 1024;

/** One for each diagnostic about an object that is in the cluster. Those about files, groups or whole kinds have none. */
export function objectEvents(diagnostics: readonly Diagnostic[], view: StoreView): readonly ObjectEvent[] {
  const found = diagnostics.flatMap((one): ObjectEvent[] => {
    const regarding = one.at.file === undefined && !untold.has(one.code) && one.at.object !== undefined && regardingOf(one.at.object, view);
    return regarding ? [objectEvent(regarding, one.severity === 'info' ? 'Normal' : 'Warning', one.code, noteOf(one))] : [];
  });
  // Several groups may say the same of one object.
  return [...new Map(found.map((event) => [event.id, event])).values()];
}

/** Told of an object that Envoys refused, when they do no more. */
export function acceptedEvent(regarding: Regarding): ObjectEvent {
  return objectEvent(regarding, 'Normal', 'AcceptedByEnvoy', 'No Envoy that is connected refuses anything of it any more.');
}

/** Whether the object is still there, and no other one of its name. */
export function isThere({ kind, namespace = '', name, uid }: Regarding, view: StoreView): boolean {
  return uidOf(view.get(kind as Kind, namespace, name)?.object.metadata) === uid;
}

function objectEvent(regarding: Regarding, type: ObjectEvent['type'], reason: string, note: string): ObjectEvent {
  return { id: `${regarding.uid} ${type} ${reason} ${note}`, regarding, type, reason, note };
}

/** @param object `KIND NAMESPACE/NAME`, or `KIND NAME`. */
function regardingOf(object: string, view: StoreView): Regarding | undefined {
  const [kind = '', path = ''] = object.split(' ');
  if (!(kind in kinds)) return undefined;
  const [namespace = '', name = ''] = path.includes('/') ? path.split('/') : ['', path];
  const stored = view.get(kind as Kind, namespace, name);
  const uid = uidOf(stored?.object.metadata);
  if (!stored || uid === undefined || stored.origin().file !== undefined) return undefined;
  return { apiVersion: stored.object.apiVersion, kind, ...(namespace !== '' && { namespace }), name, uid };
}

function uidOf(metadata: object | undefined): string | undefined {
  return (metadata as { readonly uid?: string } | undefined)?.uid;
}

function noteOf({ message, remedy, at: { field } }: Diagnostic): string {
  const place = field === undefined ? '' : ` (${field})`;
  const rest = `${remedy === undefined ? '' : ` ${remedy}`}${place}`;
  const whole = `${message}${rest}`;
  if (Buffer.byteLength(whole) <= mostNoteBytes) return whole;
  // Envoy may have much to say; what to do and where must not be lost behind it.
  const room = mostNoteBytes - Buffer.byteLength(rest) - Buffer.byteLength('…');
  return room > 0 ? `${cut(message, room)}…${rest}` : `${cut(whole, mostNoteBytes - Buffer.byteLength('…'))}…`;
}

/** The beginning of a text, in so many bytes and whole characters. */
function cut(text: string, bytes: number): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, bytes), { stream: true });
}
