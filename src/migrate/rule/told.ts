import type { DiagnosticCode } from '../../diagnostic.ts';
import type { Finding } from '../finding.ts';
import { type Rule, requestOf } from '../scene.ts';

/** What translation tells, where it means more or less than that Sluice cannot do what is written. */
const known: Partial<Record<string, { readonly level: Finding['level']; readonly annotation: string | null }>> = {
  CanaryIgnored: { level: 'inert', annotation: 'canary' },
  CanaryReachesOthers: { level: 'dangerous', annotation: 'canary' },
  MatchShadowed: { level: 'inert', annotation: null },
  // The annotation does more than that.
  SessionKeyGenerated: { level: 'inert', annotation: null },
  // Both answer 503, or serve without.
  BackendNotFound: { level: 'inert', annotation: null },
  PortNotFound: { level: 'inert', annotation: null },
  NoEndpoints: { level: 'inert', annotation: null },
  UnsupportedBackend: { level: 'inert', annotation: null },
  SecretNotFound: { level: 'inert', annotation: null },
};

/** Told by rules of their own, from the reading of the annotations. */
const toldElsewhere: ReadonlySet<DiagnosticCode> = new Set(['AnnotationIgnored', 'IngressDropped', 'IngressDenied']);

/** What translating an Ingress told: expressions that RE2 refuses, canaries without requests, paths that two Ingresses have. */
export const told: Rule = function* ({ ingresses, diagnostics, controller }) {
  const byObject = Map.groupBy(diagnostics, ({ at }) => at.object);
  const prefix = `metadata.annotations["${controller.flags.annotationsPrefix}/`;
  for (const { ingress } of ingresses) {
    for (const { code, severity, message, remedy, at } of byObject.get(`Ingress ${ingress.namespace}/${ingress.name}`) ?? []) {
      if (toldElsewhere.has(code)) continue;
      const written = at.field?.startsWith(prefix) ? at.field.slice(prefix.length, -2) : null;
      const { level, annotation } = known[code] ?? { level: severity === 'info' ? ('inert' as const) : ('unsupported' as const), annotation: written };
      yield { ingress, at, annotation, level, message, example: requestOf(ingress, at.field), ...(remedy === undefined ? {} : { remedy }) };
    }
  }
};
