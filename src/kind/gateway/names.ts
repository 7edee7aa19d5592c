import { z } from 'zod';

/** Name of an object that a field refers to. */
export const objectName = z.string().min(1).max(253);

/** A namespace: one DNS label. */
export const namespaceName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'not the name of a namespace: lower case letters, digits and `-`');

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Name of a listener, a rule or a port. */
export const sectionName = z.string().min(1).max(253).regex(subdomain, 'lower case letters, digits, `-` and `.`');

/** API group, `''` for the core group. */
export const apiGroup = z
  .string()
  .max(253)
  .refine((text) => text === '' || subdomain.test(text), 'not an API group');

/** A kind, as `kind:` spells it. */
export const kindName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/, 'not a kind: letters, digits and `-`');

/** A host name without wildcard. */
export const preciseHostname = z.string().min(1).max(253).regex(subdomain, 'not a host name: lower case letters, digits, `-` and `.`, no port');

/** A host name, or one below a wildcard label: `*.example.com`. */
export const hostname = z
  .string()
  .min(1)
  .max(253)
  .regex(
    /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'not a host name: lower case letters, digits, `-` and `.`, no port; `*` only as the whole first label; other letters in their ASCII form, `xn--…`',
  );

/** Name of a header or of a query parameter. */
export const tokenName = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/, 'not a name as HTTP allows it');

/** Value of a header: visible ASCII with single spaces or tabs between. */
export const headerValue = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => isHeaderValue(text), 'visible ASCII characters, with single spaces between them');

/** A duration as Gateway API writes it: `1m30s`, `250ms`. @see https://gateway-api.sigs.k8s.io/geps/gep-2257/ */
export const gatewayDuration = z.string().regex(/^([0-9]{1,5}(h|m|s|ms)){1,4}$/, {
  message: 'not a duration: write it as `1h`, `1m30s` or `250ms`, with at most five digits before a unit',
  // What further rules say of a text that is no duration would only mislead.
  abort: true,
});

/** Settings of an implementation by key. */
export const annotationMap = z.record(z.string(), z.string().max(4096)).refine((map) => Object.keys(map).length <= 16, 'more than 16 entries');

// The pattern of the CRD, `^[!-~]+([\t ]?[!-~]+)*$`, backtracks for seconds on a long value that does not fit; this takes linear time.
function isHeaderValue(text: string): boolean {
  return /^[!-~\t ]*$/.test(text) && !/^[\t ]|[\t ]$|[\t ]{2}/.test(text);
}

/** Whether no two entries of a list have the same name. */
export function uniqueNames(list: readonly { readonly name: string }[]): boolean {
  return new Set(list.map(({ name }) => name)).size === list.length;
}
