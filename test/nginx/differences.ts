/** A request of a case whose answer differs, as Envoy cannot give the expected one. */
export interface StatedDifference {
  /** Id of the case. */
  readonly case: string;
  /** Index of the request in it. Undefined: every request. */
  readonly request?: number;
  /** Why Envoy cannot. */
  readonly reason: string;
}

/** All of them: fewer than eight. What stands here must really fail. */
export const differences: readonly StatedDifference[] = [
  {
    case: 'path-normalised-for-matching-raw-upstream',
    reason:
      'Envoy brings a path to its form before anything can keep what was sent, and a route that is chosen anew has the filters of the first: /%61dmin would pass without the authentication of /admin. Routing is the same; backends see the form.',
  },
  {
    case: 'upstream-hash-by-subset',
    reason: 'The balancers of Envoy that hash choose one endpoint, not some of them; a cluster for each subset would change with every endpoint.',
  },
  {
    case: 'snippet-live',
    reason: 'Snippets are code of nginx, which Envoy does not run. They are told, line by line where there is a native way.',
  },
  {
    case: 'header-too-large-and-bad-requests',
    reason: 'Envoy limits the head of a request as a whole, 60 KB with 431, and neither its first line nor each of its headers.',
  },
];
