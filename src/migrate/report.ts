import type { Origin } from '../diagnostic.ts';
import type { IngressFinding, SettingFinding } from './finding.ts';
import { isProblem, type Level, levels } from './level.ts';

/** What becomes of one Ingress. */
export interface IngressReport {
  readonly namespace: string;
  readonly name: string;
  readonly origin: Origin;
  /** The worst level of its findings. */
  readonly verdict: Level;
  /** The worst first. */
  readonly findings: readonly IngressFinding[];
}

/** How many of something have each level. */
type Counts = Readonly<Record<Level, number>>;

/** What the move from ingress-nginx changes. */
export interface MigrationReport {
  readonly ingresses: readonly IngressReport[];
  readonly settings: readonly SettingFinding[];
  readonly totals: {
    readonly ingresses: Counts;
    readonly findings: Counts;
    readonly settings: Counts;
    /** Ingresses that ingress-nginx left out, so that they served nothing until now. */
    readonly dropped: number;
  };
}

/** How many of some things have each level. */
export function countsOf(all: readonly Level[]): Counts {
  return Object.fromEntries(levels.map((level) => [level, all.filter((one) => one === level).length])) as Record<Level, number>;
}

/** Whether something has to be done before the move. */
export function hasProblems({ ingresses, settings }: MigrationReport): boolean {
  return ingresses.some(({ verdict }) => isProblem(verdict)) || settings.some(({ level }) => isProblem(level));
}

/** The report for programs. */
export function reportJson({ ingresses, settings, totals }: MigrationReport): unknown {
  return {
    ingresses: ingresses.map(({ findings, ...ingress }) => ({
      ...ingress,
      findings: findings.map(({ annotation, level, message, example, remedy }) => ({ annotation, level, message, example, remedy })),
    })),
    settings: settings.map(({ key, level, message, example, remedy, at }) => ({ key, level, message, example, remedy, origin: at })),
    totals,
  };
}
