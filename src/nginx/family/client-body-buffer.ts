import { type Family, readRefusals } from '../family.ts';
import { size } from '../form.ts';

const annotations = {
  clientBodyBufferSize: {
    name: 'client-body-buffer-size',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: size,
    doc: 'Of no use here: bodies are kept in memory up to `proxy-body-size`, and nothing is written to disk.',
  },
} as const satisfies Family['annotations'];

export const clientBodyBuffer: Family = { name: 'client-body-buffer', annotations, read: readRefusals(annotations) };
