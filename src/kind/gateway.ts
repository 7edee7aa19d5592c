import { z } from 'zod';
import { annotationMap, apiGroup, hostname, kindName, objectName, sectionName } from './gateway/names.ts';
import { labelSelector, localReference, objectReference, secretReference } from './gateway/references.ts';
import { defineKind, head, ignoredStatus, port } from './kind.ts';

const listenerTls = z
  .strictObject({
    mode: z.enum(['Terminate', 'Passthrough']).optional(),
    certificateRefs: z.array(secretReference).max(64).optional(),
    options: annotationMap.optional(),
  })
  .refine((tls) => tls.mode === 'Passthrough' || (tls.certificateRefs ?? []).length > 0 || Object.keys(tls.options ?? {}).length > 0, {
    path: ['certificateRefs'],
    message: 'TLS that ends here needs `certificateRefs`',
  });

const listener = z
  .strictObject({
    name: sectionName,
    hostname: hostname.optional(),
    port,
    protocol: z
      .string()
      .min(1)
      .max(255)
      .regex(
        /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9]+$/,
        'not a protocol: HTTP or HTTPS',
      ),
    tls: listenerTls.optional(),
    allowedRoutes: z
      .strictObject({
        namespaces: z.strictObject({ from: z.enum(['All', 'Selector', 'Same']).optional(), selector: labelSelector.optional() }).optional(),
        kinds: z
          .array(z.strictObject({ group: apiGroup.optional(), kind: kindName }))
          .max(8)
          .optional(),
      })
      .optional(),
  })
  .refine((listener) => !['HTTP', 'TCP', 'UDP'].includes(listener.protocol) || listener.tls === undefined, {
    path: ['tls'],
    message: 'TLS does not go with this protocol: use HTTPS',
  })
  .refine((listener) => listener.protocol !== 'HTTPS' || listener.tls?.mode !== 'Passthrough', {
    path: ['tls', 'mode'],
    message: 'the protocol HTTPS ends TLS here (Terminate); use TLS to pass it through',
  })
  .refine((listener) => listener.protocol !== 'TLS' || listener.tls?.mode !== undefined, {
    path: ['tls', 'mode'],
    message: 'the protocol TLS needs a mode',
  })
  .refine((listener) => !['TCP', 'UDP'].includes(listener.protocol) || listener.hostname === undefined, {
    path: ['hostname'],
    message: 'this protocol knows no host names',
  });

const listeners = z
  .array(listener)
  .min(1)
  .max(64)
  .superRefine((all, context) => {
    const names = new Set<string>();
    const places = new Set<string>();
    for (const [index, { name, port, protocol, hostname }] of all.entries()) {
      const place = JSON.stringify([port, protocol, hostname]);
      if (names.has(name)) context.addIssue({ code: 'custom', path: [index, 'name'], message: `two listeners are named ${name}`, input: all });
      if (places.has(place))
        context.addIssue({ code: 'custom', path: [index], message: 'an earlier listener has the same port, protocol and host name', input: all });
      names.add(name);
      places.add(place);
    }
  });

const frontendTls = z.strictObject({
  validation: z
    .strictObject({
      caCertificateRefs: z.array(objectReference).min(1).max(16),
      mode: z.enum(['AllowValidOnly', 'AllowInsecureFallback']).optional(),
    })
    .optional(),
});

/** Where traffic enters. @see https://gateway-api.sigs.k8s.io/api-types/gateway/ */
export const gateway = defineKind({
  kind: 'Gateway',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1beta1'],
  namespaced: true,
  schema: z.strictObject({
    ...head,
    spec: z.strictObject({
      gatewayClassName: objectName,
      listeners,
      addresses: z
        .array(z.strictObject({ type: z.string().min(1).max(253).optional(), value: z.string().max(253).optional() }))
        .max(16)
        .optional(),
      infrastructure: z
        .strictObject({
          labels: z.record(z.string(), z.string().max(63)).optional(),
          annotations: annotationMap.optional(),
          parametersRef: localReference.optional(),
        })
        .optional(),
      allowedListeners: z
        .strictObject({
          namespaces: z.strictObject({ from: z.enum(['All', 'Selector', 'Same', 'None']).optional(), selector: labelSelector.optional() }).optional(),
        })
        .optional(),
      tls: z
        .strictObject({
          backend: z.strictObject({ clientCertificateRef: secretReference.optional() }).optional(),
          frontend: z
            .strictObject({
              default: frontendTls,
              perPort: z
                .array(z.strictObject({ port, tls: frontendTls }))
                .max(64)
                .refine((list) => new Set(list.map(({ port }) => port)).size === list.length, 'the same port is named twice')
                .optional(),
            })
            .optional(),
        })
        .optional(),
      defaultScope: z.enum(['All', 'None']).optional(),
    }),
    status: ignoredStatus,
  }),
});
