/** What an operator sets once for a server, as far as the pure part needs it. All defaults are in `defaultSettings`. */
export interface Settings {
  /** The port that Envoy binds for port 80. */
  readonly httpPort: number;
  /** The port that Envoy binds for port 443. */
  readonly httpsPort: number;
  /** Address that gateways bind. */
  readonly listenAddress: string;
  /** Where Envoys find the auth service, `HOST:PORT` or `unix:PATH`. Undefined: there is none. */
  readonly authzAddress?: string;
  readonly clientCensus: ClientCensusSettings;
  readonly release: ReleaseSettings;
  /** What was said of how Ingresses are read; the rest is by the controller's own objects, then by `defaultIngressSettings`. */
  readonly ingress: Partial<IngressSettings>;
}

/** How Ingresses are read: what ingress-nginx takes as flags. Objects are named `NAMESPACE/NAME`. */
export interface IngressSettings {
  /** Whose annotations they are: those of ingress-nginx, or what Alibaba's ACK made of it, where some keys mean something else. */
  readonly dialect: 'nginx' | 'ack';
  /** Whether requests are tried again as ingress-nginx does, or by the recipe alone that routes of Gateway API have. */
  readonly retries: 'nginx' | 'recipe';
  /** What a `%2F` in a path is: a slash, which backends get as one, or a slash for routes alone, which backends get as it came. On all ports of gateways. */
  readonly escapedSlashes: 'decode' | 'keep';
  /** Paths of databases of MaxMind on the machines of Envoys, for `use-geoip2`. Undefined: there is none. */
  readonly cityDatabase?: string;
  readonly asnDatabase?: string;
  /** Before the `/` of annotations. */
  readonly annotationsPrefix: string;
  /** The controller's ConfigMap; it need not exist. */
  readonly configMap: string;
  /** Whether values of annotations are checked before they are used, and an Ingress with a wrong one is dropped. */
  readonly validatesAnnotations: boolean;
  /** Service that gets the requests that nothing else takes. Undefined: they are answered with 404. */
  readonly defaultBackend?: string;
  /** Secret of the certificate for host names without one. Undefined: one that vouches for itself. */
  readonly defaultCertificate?: string;
  /** ConfigMaps with the ports of TCP and UDP. Undefined: there are none. */
  readonly tcpServices?: string;
  readonly udpServices?: string;
  /** Class that the old annotation must name. Undefined, like the next one: nobody said whose Ingresses are served, and all without a foreign class are. */
  readonly ingressClass?: string;
  /** Controller that an IngressClass must name. */
  readonly controllerClass?: string;
  /** Whether an Ingress of the class by name is served too, whatever controller its IngressClass names. */
  readonly matchesClassByName: boolean;
  /** Whether Ingresses without a class are served, where `ingressClass` or `controllerClass` is set. */
  readonly watchesWithoutClass: boolean;
  /** Whether the class that is set chooses only among the Ingresses of a cluster: those of files are there to be served. */
  readonly choosesOnlyOfCluster: boolean;
  /** Namespace whose Ingresses are served. Undefined: all. */
  readonly watchNamespace?: string;
  /** Labels of the namespaces whose Ingresses are served, as `kubectl -l` takes them. Undefined: all. */
  readonly watchNamespaceSelector?: string;
  /** Whether Ingresses with rules for no host and no path are served. */
  readonly servesCatchAll: boolean;
  /** Whether Services of the type ExternalName are. */
  readonly servesExternalNames: boolean;
  /** Whether `ssl-passthrough` has an effect. */
  readonly passesTlsThrough: boolean;
  /** Service (`NAMESPACE/NAME`) by which clients find the Envoys. Undefined, like the next one: nobody says where they do. */
  readonly publishService?: string;
  /** IP addresses and host names by which they do; these go before the Service. */
  readonly publishStatusAddresses?: readonly string[];
  /** Whether the status of Ingresses is written. */
  readonly updatesStatus: boolean;
}

/** How it is told whether gateways see their real clients. */
interface ClientCensusSettings {
  /** Share of the requests of which Envoys tell the client's address, from 0 to 100; 0: of none. A GatewayConfig may say another one. */
  readonly samplePercent: number;
  /** Networks of the nodes of the cluster, as `ADDRESS/LENGTH`. Empty: nobody knows. */
  readonly nodes: readonly string[];
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
  clientCensus: { samplePercent: 0.5, nodes: [] },
  release: { fusePercent: 30, fuseHoldMs: 300_000 },
  ingress: {},
};

export const defaultIngressSettings: IngressSettings = {
  dialect: 'nginx',
  retries: 'nginx',
  escapedSlashes: 'decode',
  annotationsPrefix: 'nginx.ingress.kubernetes.io',
  configMap: 'ingress-nginx/ingress-nginx-controller',
  validatesAnnotations: true,
  matchesClassByName: false,
  watchesWithoutClass: false,
  choosesOnlyOfCluster: false,
  servesCatchAll: true,
  servesExternalNames: true,
  passesTlsThrough: false,
  updatesStatus: true,
};

/** How Ingresses of a cluster are chosen where nobody says it: by a class of our own, as other controllers live there too. */
export function withClusterClass(settings: Partial<IngressSettings>): Partial<IngressSettings> {
  if (settings.ingressClass !== undefined || settings.controllerClass !== undefined) return settings;
  return { ...settings, ingressClass: 'sluice', controllerClass: 'gateway.sluice.dev/ingress', choosesOnlyOfCluster: true };
}

/** Secrets and ConfigMaps that the settings name, as `NAMESPACE/NAME`. */
export function namedObjects(ingress: Partial<IngressSettings>): readonly string[] {
  const { configMap, defaultCertificate, tcpServices, udpServices } = { ...defaultIngressSettings, ...ingress };
  return [configMap, defaultCertificate, tcpServices, udpServices].flatMap((name) => name ?? []);
}
