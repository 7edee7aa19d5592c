import { type Family, notRead } from '../family.ts';
import { bool } from '../form.ts';

const annotations = {
  disableProxyInterceptErrors: {
    name: 'disable-proxy-intercept-errors',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'Whether statuses of `custom-http-errors` reach the client as the backend gave them.',
  },
} as const satisfies Family['annotations'];

export const interceptedErrors: Family = { name: 'intercepted-errors', annotations, read: notRead };
