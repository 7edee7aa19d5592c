/** What an operator sets once for a server, as far as the pure part needs it. All defaults are in `defaultSettings`. */
export interface Settings {
  /** The port that Envoy binds for port 80. */
  readonly httpPort: number;
  /** The port that Envoy binds for port 443. */
  readonly httpsPort: number;
  /** Address that gateways bind. */
  readonly listenAddress: string;
  readonly release: ReleaseSettings;
  readonly ingress: IngressSettings;
}

/** How Ingresses are read: what ingress-nginx takes as flags. */
export interface IngressSettings {
  /** Whose annotations they are: those of ingress-nginx, or what Alibaba's ACK made of it, where some keys mean something else. */
  readonly dialect: 'nginx' | 'ack';
  /** Before the `/` of annotations. */
  readonly annotationsPrefix: string;
  /** `NAMESPACE/NAME` of the controller's ConfigMap; it need not exist. */
  readonly configMap: string;
  /** Whether values of annotations are checked before they are used, and an Ingress with a wrong one is dropped. */
  readonly validatesAnnotations: boolean;
}

/** What of that which was built is served, and when. */
export interface ReleaseSettings {
  /** A bulk change that removes a larger share of a group's clusters or routes is held, 0 to 100. */
  readonly fusePercent: number;
  /** A change that is held goes out by itself after this. */
  readonly fuseHoldMs: number;
  /** Undefined: a new revision goes to all Envoys of its group at once. */
  readonly canary?: CanarySettings;
  /** After a start without all sources the stored revisions are served after this. Undefined: never. */
  readonly startFromStateMs?: number;
}

/** A new revision goes to some Envoys of its group first. */
export interface CanarySettings {
  /** How many, at least one: a share of those that are connected, above 0 and up to 100 percent, or a number. */
  readonly share: { readonly percent: number } | { readonly nodes: number };
  /** How long these are watched before it goes on to all. */
  readonly watchMs: number;
}

export const defaultSettings: Settings = {
  httpPort: 8080,
  httpsPort: 8443,
  listenAddress: '0.0.0.0',
  release: { fusePercent: 30, fuseHoldMs: 300_000 },
  ingress: {
    dialect: 'nginx',
    annotationsPrefix: 'nginx.ingress.kubernetes.io',
    configMap: 'ingress-nginx/ingress-nginx-controller',
    validatesAnnotations: true,
  },
};
