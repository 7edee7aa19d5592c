const statuses: Readonly<Record<string, number>> = { MOVED_PERMANENTLY: 301, FOUND: 302, SEE_OTHER: 303, TEMPORARY_REDIRECT: 307, PERMANENT_REDIRECT: 308 };

/** The status code of a redirect as clients see it. @param responseCode Envoy's word for it; undefined: its default, 301. */
export function redirectStatus(responseCode: string | number | undefined): number {
  return statuses[responseCode ?? 'MOVED_PERMANENTLY'] ?? 301;
}
