import { type Family, notRead } from '../family.ts';
import { anyText, int } from '../form.ts';

const annotations = {
  limitRate: {
    name: 'limit-rate',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: int,
    doc: '`bandwidth_limit` is shared per route; on nginx it acts only with proxy-buffering on.',
  },
  limitRateAfter: {
    name: 'limit-rate-after',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: int,
    doc: 'None.',
  },
  limitRpm: {
    name: 'limit-rpm',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'Same, per minute.',
  },
  limitRps: {
    name: 'limit-rps',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: '`local_ratelimit` with descriptor per remote_address; status 503; leaky vs token bucket.',
  },
  limitConnections: {
    name: 'limit-connections',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: int,
    doc: 'No per-client concurrency limit.',
  },
  limitBurstMultiplier: {
    name: 'limit-burst-multiplier',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'Bucket size.',
  },
  limitAllowlist: {
    name: 'limit-allowlist',
    aliases: ['limit-whitelist'],
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: anyText,
    doc: 'Descriptor left out for those CIDRs (rate_limits `masked_remote_address`/matcher).',
  },
} as const satisfies Family['annotations'];

export const limits: Family = { name: 'limits', annotations, read: notRead };
