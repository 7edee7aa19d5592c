import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import type { ClusterClient } from '../kubernetes/client.ts';
import type { KeptAges } from '../warm-up/kept-ages.ts';
import { createLooks } from './looks.ts';
import { agesKey, agesText, leaseName, leasesOf, readAges } from './replica-ages.ts';
import { type ReplicaReport, readReport, reportBody } from './replica-report.ts';

/** By what replicas know of each other's Envoys, and agree on how old endpoints are. */
export interface ReplicaReports {
  /** What the other replicas report, as far as it was read; nothing before `lead`. */
  others(): readonly ReplicaReport[];
  /** Something may be different on this replica: cheap, called for everything that happens. */
  touch(): void;
  /** This replica writes to the cluster from now on: it reads what others report, and reports no more. */
  lead(): void;
  /** Another one does: it reports again. */
  follow(): void;
  /** Reports that no Envoy is connected any more. Never rejects. */
  stop(): Promise<void>;
}

export interface ReplicaReportsOptions {
  /** Of this replica, among all. */
  readonly identity: string;
  /** What is to be reported. */
  readonly own: () => ReplicaReport;
  /** How old endpoints are, as this replica knows it: told to the others while it writes. */
  readonly ages: () => KeptAges;
  /** Takes what another one told of that. */
  readonly agreeOnAges: (ages: KeptAges) => void;
  /** Told when `others` gives something else. */
  readonly onChange: () => void;
  /** Told why reports cannot be written or read, each time. */
  readonly onError: (error: unknown) => void;
}

const prefix = 'replica.gateway.sluice.dev/';
const gatherMs = 300;
const pauseMs = 1000;
/** A report that is the same is written again after so long, as a sign of life. */
const beatMs = 5000;
/** A replica whose report stayed the same for so long, as the reader saw it, is gone. */
const goneMs = 15_000;
const readMs = 2000;
/** A request that takes longer has failed. */
const requestMs = 5000;

type Annotations = Readonly<Record<string, string>>;

const annotationsOf = (lease: unknown): Annotations => (lease as { readonly metadata: { readonly annotations?: Annotations } }).metadata.annotations ?? {};

/** A report of another replica. */
interface Seen {
  readonly text: string;
  /** When it became this text, by the clock of the reader. */
  readonly since: number;
  readonly report: ReplicaReport | undefined;
}

/**
 * Takes part from now on. The replica that writes to a cluster must know all Envoys, and those of other replicas are not connected
 * to it: every other one writes what it knows into an annotation of its own.
 */
export function startReplicaReports(client: Pick<ClusterClient, 'ask' | 'namespace'>, clock: Clock, options: ReplicaReportsOptions): ReplicaReports {
  const { identity, own, ages, agreeOnAges, onChange, onError } = options;
  const collection = leasesOf(client.namespace);
  const path = `${collection}/${leaseName}`;
  const key = `${prefix}${hash('sha256', identity, 'hex').slice(0, 16)}`;
  let isLeading = false;
  let isStopped = false;
  /** Whether this replica, which writes, has what the one before it told of ages. */
  let hasAges = false;
  let seen = new Map<string, Seen>();
  /** What this replica last reported. Undefined: nothing. */
  let reported: { readonly text: string; readonly at: number } | undefined;
  const looks = createLooks({ clock, gatherMs, pauseMs, look, onError });

  /** @param values by key; null: it goes. @returns all annotations then. */
  async function annotate(values: Readonly<Record<string, string | null>>): Promise<Annotations> {
    const metadata = { annotations: values };
    const query = { fieldManager: 'sluice' };
    try {
      return annotationsOf(
        await client.ask({ method: 'PATCH', path, contentType: 'application/merge-patch+json', query, body: { metadata }, timeoutMs: requestMs }),
      );
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      if (Object.values(values).every((value) => value === null)) return {};
      const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { ...metadata, name: leaseName, namespace: client.namespace } };
      return annotationsOf(await client.ask({ method: 'POST', path: collection, query, body, timeoutMs: requestMs }));
    }
  }

  const annotation = (body: object): Readonly<Record<string, string>> => ({
    [key]: JSON.stringify({ replica: identity, at: new Date(clock.now()).toISOString(), ...body }),
  });

  async function report(): Promise<void> {
    const body = reportBody(own());
    const [text, now] = [JSON.stringify(body), clock.steady()];
    if (reported?.text === text && now - reported.at < beatMs) return;
    const annotations = await annotate(annotation(body));
    reported = { text, at: now };
    if (!isLeading) agree(annotations);
  }

  function agree(annotations: Annotations): void {
    const told = readAges(annotations[agesKey]);
    if (told) agreeOnAges(told);
  }

  /** Who writes tells its ages, and has those of the one before it by then. */
  async function tellAges(annotations: Annotations): Promise<void> {
    if (!hasAges) agree(annotations);
    hasAges = true;
    const text = agesText(ages());
    if (text !== annotations[agesKey]) await annotate({ [agesKey]: text ?? null });
  }

  async function read(): Promise<void> {
    if (reported) await annotate({ [key]: null });
    reported = undefined;
    const annotations = await annotationsNow();
    const now = clock.steady();
    const before = others();
    seen = new Map(
      reportsIn(annotations).map(([name, text]): [string, Seen] => {
        const known = seen.get(name);
        return [name, known?.text === text ? known : { text, since: now, report: readReport(text) }];
      }),
    );
    const gone = [...seen].filter(([, { since }]) => now - since >= goneMs).map(([name]) => name);
    for (const name of gone) seen.delete(name);
    if (!isDeepStrictEqual(others(), before)) onChange();
    if (gone.length > 0) await annotate(Object.fromEntries(gone.map((name) => [name, null])));
    await tellAges(annotations);
  }

  /** Of all other replicas. */
  const reportsIn = (annotations: Annotations) => Object.entries(annotations).filter(([name]) => name.startsWith(prefix) && name !== key);

  async function annotationsNow(): Promise<Annotations> {
    try {
      return annotationsOf(await client.ask({ path, query: { resourceVersion: '0' }, timeoutMs: requestMs }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return {};
      throw error;
    }
  }

  const others = (): readonly ReplicaReport[] => [...seen.values()].flatMap((one) => one.report ?? []);

  async function look(signal: AbortSignal): Promise<number> {
    await (isLeading ? read() : report()).catch((error: unknown) => {
      if (!signal.aborted) onError(error);
    });
    return isLeading ? readMs : beatMs;
  }

  function changeTo(leads: boolean): void {
    if (isStopped) return;
    isLeading = leads;
    hasAges = false;
    seen = new Map();
    looks.begin();
  }

  // Who is alone leads by then, and has nothing to report.
  looks.begin(pauseMs);
  return {
    others,
    touch() {
      if (!isLeading) looks.touch();
    },
    lead: () => changeTo(true),
    follow: () => changeTo(false),
    async stop() {
      isStopped = true;
      await looks.rest();
      if (isLeading || !reported) return;
      // What its Envoys refuse stays until they have told another replica of it, or the report has run out.
      const last = reportBody({ groups: new Map(), refusals: own().refusals });
      await annotate(annotation(last)).catch(() => undefined);
    },
  };
}
