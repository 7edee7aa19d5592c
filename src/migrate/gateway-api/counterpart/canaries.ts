import type { CanaryConfig } from '../../../nginx/family/canary.ts';
import type { Written } from '../host.ts';
import type { Counterpart } from './counterpart.ts';

/** A part of the requests goes to another Service: weights, and rules with a condition before them. */
export const canaries: Counterpart = {
  names: ['canary', 'canary-by-cookie', 'canary-by-header', 'canary-by-header-pattern', 'canary-by-header-value', 'canary-weight', 'canary-weight-total'],
};

/** Of a header before a cookie: rules that ask for as much are tried in their order. */
export function conditionsOf({ header, cookie }: CanaryConfig): readonly { readonly header: Written; readonly isCanary: boolean }[] {
  const exact = (value: string) => ({ name: header?.name, type: 'Exact', value });
  const ofCookie = (value: string) => ({ name: 'Cookie', type: 'RegularExpression', value: `(.*; *)?${cookie?.replaceAll('.', '\\.')}=${value} *(;.*)?` });
  const byHeader = !header
    ? []
    : header.value !== undefined
      ? [{ header: exact(header.value), isCanary: true }]
      : header.pattern !== undefined
        ? [{ header: { name: header.name, type: 'RegularExpression', value: `.*(?:${header.pattern}).*` }, isCanary: true }]
        : [
            { header: exact('always'), isCanary: true },
            { header: exact('never'), isCanary: false },
          ];
  const byCookie =
    cookie === undefined
      ? []
      : [
          { header: ofCookie('always'), isCanary: true },
          { header: ofCookie('never'), isCanary: false },
        ];
  return [...byHeader, ...byCookie];
}
