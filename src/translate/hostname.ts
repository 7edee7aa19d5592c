/** Host names of listeners and routes: exact (`shop.example.com`), below a wildcard (`*.example.com`, any number of labels), or `*` for all. */

/**
 * Whether every name of `inner` is one of `outer`.
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec
 */
function covers(outer: string, inner: string): boolean {
  if (outer === '*' || outer === inner) return true;
  return outer.startsWith('*.') && inner.endsWith(outer.slice(1));
}

/** What two host names have in common: the narrower of the two, undefined where they exclude each other. */
export function intersection(one: string, other: string): string | undefined {
  if (covers(one, other)) return other;
  return covers(other, one) ? one : undefined;
}

/** The names that cover `host`: itself, and all wildcards above it. One may come twice. */
export function coveringNames(host: string): readonly string[] {
  const labels = host.split('.');
  return [host, '*', ...labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`)];
}

/** The most specific of the names that cover `host`: exact before wildcard, long before short. */
export function mostSpecific<T>(host: string, candidates: readonly T[], hostOf: (candidate: T) => string): T | undefined {
  let best: T | undefined;
  for (const candidate of candidates) {
    if (!covers(hostOf(candidate), host)) continue;
    if (best === undefined || covers(hostOf(best), hostOf(candidate))) best = candidate;
  }
  return best;
}

/** Whether a certificate's name (one wildcard label at most) is valid for all of `host`. @see https://www.rfc-editor.org/rfc/rfc6125#section-6.4.3 */
export function isNameFor(certificateName: string, host: string): boolean {
  const name = certificateName.toLowerCase();
  if (name === host) return true;
  return name.startsWith('*.') && !host.startsWith('*.') && host.slice(host.indexOf('.')) === name.slice(1) && host.includes('.');
}
