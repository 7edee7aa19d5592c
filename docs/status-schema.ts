import type { JsonSchema } from './structural-schema.ts';

/** @see https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/types.go (Condition) */
const condition: JsonSchema = {
  type: 'object',
  required: ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
  properties: {
    type: {
      type: 'string',
      maxLength: 316,
      pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
    },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    reason: { type: 'string', minLength: 1, maxLength: 1024, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' },
    message: { type: 'string', maxLength: 32768, description: 'What a person should know.' },
    observedGeneration: { type: 'integer', format: 'int64', minimum: 0, description: 'Generation of the object that this is said of.' },
    lastTransitionTime: { type: 'string', format: 'date-time', description: 'When the status changed last.' },
  },
};

const conditions: JsonSchema = {
  type: 'array',
  maxItems: 8,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  description: 'What became of the object.',
  items: condition,
};

/** `status` of a kind that stands for itself. */
export const conditionsStatus: JsonSchema = { type: 'object', description: 'Written by Sluice.', properties: { conditions } };

const text = (maxLength: number): JsonSchema => ({ type: 'string', maxLength });

/** `status` of a policy, as Gateway API has it: what became of it for each thing that it holds for. @see https://gateway-api.sigs.k8s.io/reference/spec/#policystatus */
export const policyStatus: JsonSchema = {
  type: 'object',
  description: 'Written by Sluice.',
  properties: {
    ancestors: {
      type: 'array',
      maxItems: 16,
      'x-kubernetes-list-type': 'atomic',
      description: 'What became of the policy for each of its targets.',
      items: {
        type: 'object',
        required: ['ancestorRef', 'controllerName', 'conditions'],
        properties: {
          ancestorRef: {
            type: 'object',
            required: ['name'],
            properties: {
              group: text(253),
              kind: text(63),
              namespace: text(63),
              name: { ...text(253), minLength: 1 },
              sectionName: text(253),
              port: { type: 'integer', format: 'int32', minimum: 1, maximum: 65535 },
            },
          },
          controllerName: { ...text(253), minLength: 1, description: 'Who says it: `gateway.sluice.dev/controller`.' },
          conditions,
        },
      },
    },
  },
};
