import { anyText, bool, list } from '../form.ts';
import { setting } from '../setting.ts';

/** Who the client is. */
export const clientAddressSettings = {
  'compute-full-forwarded-for': setting(
    'exact',
    bool,
    false,
    'HCM/listener choice of original address: `original_ip_detection` xff with xff_trusted_cidrs, `use_remote_address`; see differences.md.',
  ),
  'enable-real-ip': setting(
    'exact',
    bool,
    false,
    'HCM/listener choice of original address: `original_ip_detection` xff with xff_trusted_cidrs, `use_remote_address`; see differences.md.',
  ),
  'forwarded-for-header': setting(
    'exact',
    anyText,
    'X-Forwarded-For',
    'HCM/listener choice of original address: `original_ip_detection` xff with xff_trusted_cidrs, `use_remote_address`; see differences.md.',
  ),
  'forwarded-for-proxy-protocol-header': setting(
    'near',
    anyText,
    '',
    '`proxy_protocol` listener filter (+ x-forwarded-proto https when the destination port is 443).',
  ),
  'forwarded-host-header': setting(
    'exact',
    anyText,
    '',
    'HCM/listener choice of original address: `original_ip_detection` xff with xff_trusted_cidrs, `use_remote_address`; see differences.md.',
  ),
  'proxy-protocol-header-timeout': setting(
    'near',
    anyText,
    '',
    '`proxy_protocol` listener filter (+ x-forwarded-proto https when the destination port is 443).',
  ),
  'proxy-real-ip-cidr': setting(
    'exact',
    list,
    ['0.0.0.0/0'] as readonly string[],
    'HCM/listener choice of original address: `original_ip_detection` xff with xff_trusted_cidrs, `use_remote_address`; see differences.md.',
  ),
  'use-forwarded-headers': setting(
    'exact',
    bool,
    false,
    'HCM/listener choice of original address: `original_ip_detection` xff with xff_trusted_cidrs, `use_remote_address`; see differences.md.',
  ),
  'use-proxy-protocol': setting('near', bool, false, '`proxy_protocol` listener filter (+ x-forwarded-proto https when the destination port is 443).'),
} as const;
