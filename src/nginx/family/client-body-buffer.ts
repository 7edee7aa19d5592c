import { type Family, notRead } from '../family.ts';
import { size } from '../form.ts';

const annotations = {
  clientBodyBufferSize: {
    name: 'client-body-buffer-size',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: size,
    doc: '`per_connection_buffer_limit_bytes`, no disk spooling.',
  },
} as const satisfies Family['annotations'];

export const clientBodyBuffer: Family = { name: 'client-body-buffer', annotations, read: notRead };
