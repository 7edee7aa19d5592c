import type { Diagnostic } from '../diagnostic.ts';
import type { Settings } from '../settings.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import { declaredFindings } from './declared.ts';
import type { IngressFinding } from './finding.ts';
import { levels, worst } from './level.ts';
import { countsOf, type IngressReport, type MigrationReport } from './report.ts';
import { rules } from './rule/index.ts';
import { sceneOf } from './scene.ts';
import { settingFindings } from './setting-findings.ts';
import { streamFindings } from './stream-findings.ts';

/**
 * What the move from ingress-nginx changes, for all its Ingresses and settings.
 * @param diagnostics of a build of the same objects: what is refused there is told here too.
 */
export function migrationReport(view: StoreView, settings: Pick<Settings, 'ingress'>, diagnostics: readonly Diagnostic[]): MigrationReport {
  const scene = sceneOf(view, settings, diagnostics);
  const found = rules.map((list) => list.flatMap((rule) => [...rule(scene)])).reduce(nearest, []);
  // A rule knows more of this Ingress than the declaration of the annotation does.
  const ruled = new Set(found.map(({ ingress, annotation }) => keyOf(ingress, annotation)));
  const declared = [...declaredFindings(scene)].filter(({ ingress, annotation }) => !ruled.has(keyOf(ingress, annotation)));
  const byIngress = Map.groupBy([...found, ...declared], ({ ingress }) => ingress);
  const ingresses = scene.ingresses.map(({ ingress }) => ingressReport(ingress, byIngress.get(ingress) ?? []));
  const settingReports = [...settingFindings(scene), ...streamFindings(scene)];
  return {
    ingresses,
    settings: settingReports,
    totals: {
      ingresses: countsOf(ingresses.map(({ verdict }) => verdict)),
      findings: countsOf(ingresses.flatMap(({ findings }) => findings.map(({ level }) => level))),
      settings: countsOf(settingReports.map(({ level }) => level)),
      dropped: scene.ingresses.filter(({ reading }) => reading.dropped).length,
    },
  };
}

/** Both, but of what they have both said the later. What has no effect on either is lacking to nobody. */
function nearest(before: readonly IngressFinding[], later: readonly IngressFinding[]): readonly IngressFinding[] {
  const said = new Set(later.map(({ ingress, annotation, level }) => `${level} ${keyOf(ingress, annotation)}`));
  const isSaid = ({ ingress, annotation, level }: IngressFinding): boolean =>
    [level, level === 'unsupported' ? 'inert' : level].some((one) => said.has(`${one} ${keyOf(ingress, annotation)}`));
  return [...before.filter((finding) => !isSaid(finding)), ...later];
}

function keyOf({ namespace, name }: Stored<'Ingress'>, annotation: string | null): string {
  return `${namespace}/${name} ${annotation}`;
}

function ingressReport(ingress: Stored<'Ingress'>, found: readonly IngressFinding[]): IngressReport {
  const findings = found.toSorted((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level));
  const { namespace, name } = ingress;
  return { namespace, name, origin: ingress.origin(), verdict: worst(findings.map(({ level }) => level)), findings };
}
