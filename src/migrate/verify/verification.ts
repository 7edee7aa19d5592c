import type { MigrationReport } from '../report.ts';
import type { Difference } from './compare.ts';
import { type Explanation, explanationsOf } from './explanation.ts';
import type { Probe } from './probe.ts';

/** A request that the gateways answer unlike each other. */
export interface Disagreement {
  readonly probe: Probe;
  readonly url: string;
  readonly differences: readonly Difference[];
}

/** What asking both gateways gave. */
export interface Verification {
  /** How many requests both were asked. */
  readonly requests: number;
  readonly disagreements: readonly Disagreement[];
  /** Things left out, since ingress-nginx did not answer alike twice. */
  readonly unstable: number;
  /** Requests for which weights choose the backend, so that it was not compared. */
  readonly split: number;
  /** What was not sent, with the reason. */
  readonly unsent: Readonly<Record<string, number>>;
}

/** All explanations of the differences of one request, each once. */
export function explanationsFor({ probe, differences }: Disagreement, report: MigrationReport): readonly Explanation[] {
  const all = differences.flatMap((difference) => explanationsOf(difference, probe, report));
  return [...new Map(all.map((one) => [`${one.ingress} ${one.subject} ${one.message}`, one])).values()];
}

/** The outcome for programs. */
export function verificationJson({ requests, disagreements, unstable, split, unsent }: Verification, report: MigrationReport): unknown {
  return {
    requests,
    same: requests - disagreements.length,
    unstable,
    split,
    unsent,
    disagreements: disagreements.map((one) => ({
      request: { method: one.probe.method, url: one.url, headers: one.probe.headers },
      about: one.probe.about,
      ingress: one.probe.ingress ? { namespace: one.probe.ingress.namespace, name: one.probe.ingress.name } : null,
      differences: one.differences,
      explanations: explanationsFor(one, report),
    })),
  };
}
