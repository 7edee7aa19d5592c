/** What an operator sets once for a server, as far as the pure part needs it. All defaults are in `defaultSettings`. */
export interface Settings {
  /** The port that Envoy binds for port 80. */
  readonly httpPort: number;
  /** The port that Envoy binds for port 443. */
  readonly httpsPort: number;
  /** Address that gateways bind. */
  readonly listenAddress: string;
}

export const defaultSettings: Settings = { httpPort: 8080, httpsPort: 8443, listenAddress: '0.0.0.0' };
