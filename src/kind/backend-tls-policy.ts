import { z } from 'zod';
import { annotationMap, apiGroup, hostname, kindName, objectName, preciseHostname, sectionName } from './gateway/names.ts';
import { localReference } from './gateway/references.ts';
import { defineKind, head, ignoredStatus } from './kind.ts';

const targetRef = z.strictObject({ group: apiGroup, kind: kindName, name: objectName, sectionName: sectionName.optional() });

const targetKey = (ref: z.infer<typeof targetRef>): string => JSON.stringify([ref.group, ref.kind, ref.name]);

const targetRefs = z
  .array(targetRef)
  .min(1)
  .max(16)
  .refine((refs) => new Set(refs.map((ref) => targetKey(ref) + (ref.sectionName ?? ''))).size === refs.length, 'the same target is named twice')
  .refine(
    (refs) =>
      refs.every((ref) => ref.sectionName === undefined || !refs.some((other) => other.sectionName === undefined && targetKey(other) === targetKey(ref))),
    'a target is named both as a whole and by one of its sections',
  );

const subjectAltName = z
  .strictObject({
    type: z.enum(['Hostname', 'URI']),
    hostname: hostname.optional(),
    uri: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[^:/?#]+:\/\/[^/?#]*/, 'not an absolute URI')
      .optional(),
  })
  .refine((name) => (name.type === 'Hostname') === (name.hostname !== undefined) && (name.type === 'URI') === (name.uri !== undefined), {
    path: ['type'],
    message: '`hostname` goes with the type Hostname and `uri` with the type URI',
  });

const validation = z
  .strictObject({
    caCertificateRefs: z.array(localReference).max(8).optional(),
    wellKnownCACertificates: z
      .string()
      .min(1)
      .max(253)
      .regex(/^(System|[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/, 'only `System`, or a name with a domain in front')
      .optional(),
    hostname: preciseHostname,
    subjectAltNames: z.array(subjectAltName).max(5).optional(),
  })
  .refine((rule) => (rule.caCertificateRefs ?? []).length > 0 !== (rule.wellKnownCACertificates !== undefined), {
    path: ['caCertificateRefs'],
    message: 'exactly one of `caCertificateRefs` and `wellKnownCACertificates` is needed',
  });

/** How to reach a Service by TLS. @see https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/ */
export const backendTlsPolicy = defineKind({
  kind: 'BackendTLSPolicy',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1alpha3'],
  namespaced: true,
  schema: z.strictObject({
    ...head,
    spec: z.strictObject({ targetRefs, validation, options: annotationMap.optional() }),
    status: ignoredStatus,
  }),
});
