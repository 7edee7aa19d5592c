/** How bad a diagnostic is: an `error` means that something asked for is not served, a `warning` that it is served in another way than one may think. */
export type Severity = 'error' | 'warning' | 'info';

/**
 * Where something comes from: a line of a file, an object, or both.
 * Every resource carries its origins, so that `explain` can walk from a request to the line that caused it.
 */
export interface Origin {
  /** `KIND NAMESPACE/NAME`, or `KIND NAME` for kinds without namespace. Undefined for a document that could not be read as an object. */
  readonly object?: string;
  /** Path of the field inside the object: `spec.rules[0].matches[1].path.value`. Undefined: the object as a whole. */
  readonly field?: string;
  /** Path of the file as it was given to the source. Undefined for objects that do not come from files. */
  readonly file?: string;
  /** Line in the file, from 1. */
  readonly line?: number;
  /** Column in the line, from 1. */
  readonly column?: number;
}

/** A typed, located message about an object. A user's mistake is such a value, never an exception. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** One sentence: what is wrong and what happens because of it. */
  readonly message: string;
  /** One sentence: what to do. */
  readonly remedy?: string;
  readonly at: Origin;
}

/** Takes the mistakes that a pure function finds; the function still returns something usable. */
export type Report = (diagnostic: Diagnostic) => void;

/** What the table knows of a code. */
interface CodeEntry {
  readonly severity: Severity;
  /** What the code means in general: the text of its paragraph in docs/reference/diagnostics.md. */
  readonly doc: string;
  /** Condition that the code sets on a Gateway API object. Undefined: none. @see https://gateway-api.sigs.k8s.io/reference/spec/ */
  readonly condition?: { readonly type: string; readonly status: 'True' | 'False'; readonly reason: string };
}

/** Every code that exists, in alphabetical order. A test fails where a code has no golden case. */
export const diagnosticCodes = {
  AnnotationIgnored: {
    severity: 'warning',
    doc: 'An annotation of ingress-nginx has no effect: its name or value means nothing to ingress-nginx either, or Sluice does not read it; the Ingress is served as if it were not there.',
  },
  AuthorityNotFound: {
    severity: 'error',
    doc: 'A reference to certificates of authorities leads to nothing. They are not trusted; without any, requests to the backend are answered with an error.',
    condition: { type: 'ResolvedRefs', status: 'False', reason: 'InvalidCACertificateRef' },
  },
  BackendNotFound: {
    severity: 'error',
    doc: 'A reference to a Service or a Backend leads to nothing; its share of the requests is answered with 500.',
    condition: { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound' },
  },
  BackendTlsBroken: {
    severity: 'error',
    doc: 'A policy asks for TLS towards a backend with certificates that cannot be had. Requests are answered with 500 rather than sent without protection.',
    condition: { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound' },
  },
  CanaryIgnored: {
    severity: 'warning',
    doc: 'A canary Ingress takes no requests, as behind ingress-nginx: no other Ingress has its host, path and type, or an older canary holds the Service.',
  },
  CanaryReachesOthers: {
    severity: 'warning',
    doc: 'A canary Ingress also takes requests of locations that it does not name, as behind ingress-nginx: they lead to the same main Service.',
  },
  CertificateExpired: { severity: 'warning', doc: 'A certificate that is served has expired; clients refuse it.' },
  CertificateHostMismatch: { severity: 'warning', doc: 'A certificate does not cover a host name that it is served for; clients refuse it.' },
  CertificateNotYetValid: { severity: 'warning', doc: 'A certificate that is served is not valid yet; clients refuse it.' },
  ChangeHeld: {
    severity: 'warning',
    doc: 'A newer revision of a group is built and not served to all: a bulk change takes away too much of what is served, or the Envoys that had it first did not take it.',
  },
  ClassForeign: { severity: 'info', doc: 'A Gateway or an Ingress belongs to the class of another controller; it is ignored.' },
  ClassNotFound: { severity: 'warning', doc: 'A Gateway names a GatewayClass that does not exist; it is ignored.' },
  ClientAddressForgeable: {
    severity: 'warning',
    doc: 'Settings of ingress-nginx let anybody say which address a request comes from, as they did there: lists of addresses can be passed, limits evaded, logs deceived.',
  },
  ClientsHidden: {
    severity: 'warning',
    doc: 'Requests seem to come from a load balancer, from nodes or from a few proxies, not from the clients: a tenth of a sample from 100.64.0.0/10 or the networks of nodes, or nearly all from 20 addresses. Lists of addresses, limits, hashes and logs take these for the clients. It goes by itself once others are seen.',
  },
  DescriptorSetBroken: {
    severity: 'error',
    doc: 'The compiled `.proto` files of a GrpcJsonTranscoder are missing or cannot be used. Its rules take gRPC calls alone; HTTP with JSON is answered with 404.',
    condition: { type: 'ResolvedRefs', status: 'False', reason: 'InvalidKind' },
  },
  DuplicateObject: { severity: 'error', doc: 'The same kind, namespace and name is written twice. The first one (order of path, then of document) is used.' },
  FileTooLarge: { severity: 'error', doc: 'A file is larger than Sluice reads. The objects last read from it stay in use.' },
  FileUnreadable: { severity: 'error', doc: 'A file cannot be opened, or is no text in UTF-8. The objects last read from it stay in use.' },
  FlagIgnored: {
    severity: 'warning',
    doc: 'A flag of the controller of ingress-nginx has no effect: it is none, its value is wrong, or it asks for something that Sluice does not do.',
  },
  FlagInert: { severity: 'info', doc: 'A flag of the controller of ingress-nginx means nothing here, and nobody will miss it.' },
  FlagOverridden: {
    severity: 'info',
    doc: 'A flag of a controller of ingress-nginx among the objects does not hold, as Sluice itself was started with another value.',
  },
  ForwardedHeadersBelieved: {
    severity: 'info',
    doc: 'Settings of ingress-nginx believe anybody, not only trusted proxies, which host name, scheme and port a request was for, as they did there. Backends see these.',
  },
  GrpcClientUnsupported: {
    severity: 'warning',
    doc: 'gRPC clients that speak xDS themselves cannot do something that a route or a backend asks for; the rest holds for them. Only said while such clients ask for it.',
  },
  HealthCheckIgnored: { severity: 'warning', doc: 'A health check cannot be made as it is written; the endpoints are not checked.' },
  HostNotListened: {
    severity: 'error',
    doc: 'None of the host names of a route has a listener; they are not served.',
    condition: { type: 'Accepted', status: 'False', reason: 'NoMatchingListenerHostname' },
  },
  IngressDenied: {
    severity: 'error',
    doc: 'An annotation of an Ingress asks for something that cannot be had, so all its paths are answered with 503, as ingress-nginx does: what was meant to be closed must not be open.',
  },
  IngressDropped: {
    severity: 'error',
    doc: 'An annotation of an Ingress has a value that ingress-nginx refuses, or is more dangerous than its settings allow; ingress-nginx takes the whole Ingress for not there, and so does Sluice.',
  },
  IngressSettingIgnored: { severity: 'error', doc: 'A value in the ConfigMap of ingress-nginx cannot be read; it is left out.' },
  InvalidAuthority: {
    severity: 'error',
    doc: 'Certificates of authorities cannot be read. They are not trusted; without any, requests to the backend are answered with an error.',
    condition: { type: 'ResolvedRefs', status: 'False', reason: 'InvalidCACertificateRef' },
  },
  InvalidCertificate: {
    severity: 'error',
    doc: 'A Secret does not hold a readable certificate with the key that belongs to it. It is left out; the last host names that need it have no HTTPS.',
    condition: { type: 'ResolvedRefs', status: 'False', reason: 'InvalidCertificateRef' },
  },
  InvalidEndpoint: { severity: 'error', doc: 'An address of an EndpointSlice is not one of the type that the slice says; it is left out.' },
  InvalidField: {
    severity: 'error',
    doc: 'A field has a wrong type or a value out of its range. The last good form of the object stays in use.',
    condition: { type: 'Accepted', status: 'False', reason: 'UnsupportedValue' },
  },
  InvalidForm: {
    severity: 'error',
    doc: 'An object that was good was changed to one that fits its schema but is good for nothing, such as a key that does not belong to its certificate. The last good form stays in use.',
    condition: { type: 'Accepted', status: 'False', reason: 'UnsupportedValue' },
  },
  InvalidOption: {
    severity: 'error',
    doc: 'An option of the command line or a variable of the environment has a value that cannot be used, or contradicts another. The server does not start.',
  },
  InvalidRegex: {
    severity: 'error',
    doc: 'A regular expression is not valid in RE2 syntax; its match is left out.',
    condition: { type: 'Accepted', status: 'False', reason: 'UnsupportedValue' },
  },
  KindForbidden: {
    severity: 'error',
    doc: 'The account of Sluice may not read a kind of objects in a cluster, or a Secret or ConfigMap that something refers to. Those that it read before stay in use; all else is served without.',
  },
  KindMissing: {
    severity: 'info',
    doc: 'A cluster has no CRD of a kind, or none of a version that Sluice reads. It is looked for all the time, and read once it is there.',
  },
  ListenerConflict: {
    severity: 'error',
    doc: 'Two listeners claim the same port and host name, or an Ingress needs what another object has. The older one is served, the other is not.',
    condition: { type: 'Conflicted', status: 'True', reason: 'HostnameConflict' },
  },
  ListenerProtocolConflict: {
    severity: 'error',
    doc: 'Two listeners claim one port for two protocols. The older one is served, the other is not.',
    condition: { type: 'Conflicted', status: 'True', reason: 'ProtocolConflict' },
  },
  LocalityIgnored: { severity: 'warning', doc: 'A preference for the own zone has no effect with a load balancer that goes by a hash.' },
  MatchShadowed: { severity: 'warning', doc: 'An older object already takes exactly the same requests; the younger match never sees one.' },
  MostEndpointsYoung: {
    severity: 'info',
    doc: 'More than half of the endpoints that Sluice warms up are younger than their window. Weights are relative, so that they are hardly spared, and not at all where all are.',
  },
  NoEndpoints: { severity: 'info', doc: 'A Service that requests are sent to has no endpoint for its port; they are answered with 503.' },
  NoUsableWeight: { severity: 'warning', doc: 'The weights of a rule sum up to 0, so that every request is answered with 500.' },
  NothingTranscoded: {
    severity: 'warning',
    doc: 'A rule has a GrpcJsonTranscoder, and its compiled `.proto` files have no HTTP path for the calls that the rule takes: it takes gRPC calls alone.',
  },
  OcspStapleIgnored: { severity: 'warning', doc: 'A Secret has an answer of OCSP that is none about its certificate; the certificate is served without it.' },
  ParametersNotFound: {
    severity: 'error',
    doc: 'A `parametersRef` does not lead to a GatewayConfig. The Gateway is not served, since the defaults could open what was meant to be closed.',
    condition: { type: 'Accepted', status: 'False', reason: 'InvalidParameters' },
  },
  ParentNotFound: {
    severity: 'error',
    doc: 'A route names a parent, or a listener or port of it, that does not exist; it is not served there.',
    condition: { type: 'Accepted', status: 'False', reason: 'NoMatchingParent' },
  },
  PolicyConflict: {
    severity: 'error',
    doc: 'Two policies of one kind have the same target. The older one holds, the other has no effect there.',
    condition: { type: 'Accepted', status: 'False', reason: 'Conflicted' },
  },
  PolicyTargetNotFound: {
    severity: 'error',
    doc: 'A policy names a target that does not exist; it has no effect there.',
    condition: { type: 'Accepted', status: 'False', reason: 'TargetNotFound' },
  },
  PortNotFound: {
    severity: 'error',
    doc: 'A reference names a port that the Service does not have; its share of the requests is answered with 500.',
    condition: { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound' },
  },
  PortRefusedByEnvoy: {
    severity: 'error',
    doc: 'An Envoy cannot bind the port of a listener where it runs: another process has it, or its rights do not suffice. The listener is left out there, and tried again by itself.',
    condition: { type: 'Accepted', status: 'False', reason: 'PortUnavailable' },
  },
  PortUnavailable: {
    severity: 'error',
    doc: 'A listener asks for a port that Envoy would bind where it binds another one of the group already. The older one is served, the other is not.',
    condition: { type: 'Accepted', status: 'False', reason: 'PortUnavailable' },
  },
  ProvisioningFailed: {
    severity: 'error',
    doc: 'The Envoys that a Gateway is to have for itself, or their Service, cannot be made or changed: the API server refuses it, or an object of that name belongs to somebody else. What is there stays; it is tried again.',
    condition: { type: 'Programmed', status: 'False', reason: 'NoResources' },
  },
  ProvisioningOff: {
    severity: 'warning',
    doc: 'A GatewayConfig asks for Envoys for each Gateway, and this server makes none. Until somebody runs Envoys of the group `gateway/NAMESPACE/NAME`, nobody serves the Gateway.',
  },
  RefNotPermitted: {
    severity: 'error',
    doc: 'A reference into another namespace is not allowed by a ReferenceGrant there; it counts as unresolved.',
    condition: { type: 'ResolvedRefs', status: 'False', reason: 'RefNotPermitted' },
  },
  RefusedByEnvoy: {
    severity: 'error',
    doc: 'An Envoy refused what an object leads to. Its last good form stays in use in the Envoys of that version; what has none is left out, and the requests of a route are answered with 503. All else goes on.',
    condition: { type: 'Accepted', status: 'False', reason: 'UnsupportedValue' },
  },
  RegexCostly: {
    severity: 'warning',
    doc: 'A regular expression compiles to a program that is larger than 100, the limit of Envoy unless its bootstrap lifts it; such an Envoy refuses all routes of the port.',
  },
  RegexTooLarge: {
    severity: 'error',
    doc: 'A regular expression compiles to a program that is larger than every Envoy accepts; its match is left out.',
    condition: { type: 'Accepted', status: 'False', reason: 'UnsupportedValue' },
  },
  ResourceInvalid: {
    severity: 'error',
    doc: 'What an object leads to breaks a rule of Envoy, or needs something that does. Its last good form stays in use; what has none is left out, and the requests of a route are answered with 503. All else goes on.',
    condition: { type: 'Accepted', status: 'False', reason: 'UnsupportedValue' },
  },
  RewriteUnsupported: {
    severity: 'error',
    doc: 'A `rewrite-target` holds variables of nginx, which Sluice does not read; the requests of the path are answered with 503.',
  },
  RouteConflict: {
    severity: 'error',
    doc: 'An HTTPRoute and a GRPCRoute share a host name of a listener. The older one is served, the other is not.',
    condition: { type: 'Accepted', status: 'False', reason: 'RouteConflict' },
  },
  RouteNotAllowed: {
    severity: 'error',
    doc: 'A listener does not allow the namespace or the kind of a route; the route is not served there.',
    condition: { type: 'Accepted', status: 'False', reason: 'NotAllowedByListeners' },
  },
  RouteWithoutParent: { severity: 'warning', doc: 'A route names no parent; it is served nowhere.' },
  SecretNotFound: {
    severity: 'error',
    doc: 'A reference to a certificate leads to no Secret. It is left out; host names without any certificate have no HTTPS.',
    condition: { type: 'ResolvedRefs', status: 'False', reason: 'InvalidCertificateRef' },
  },
  SecretNotStored: {
    severity: 'error',
    doc: 'A stored or older revision is served and needs a secret that is not there: without `--state-key-file` no value of one is stored, or its object is gone. What needs it waits for it; all else is served.',
  },
  ServicePoliciesDiffer: {
    severity: 'warning',
    doc: 'The backends of one rule have not all the same, by TrafficPolicies of their Services, of what Envoy has once for a route: another one, or one backend has none. None of these holds for the rule; what is said at the rule, its route, listener or Gateway does.',
  },
  SessionKeyGenerated: {
    severity: 'info',
    doc: 'Sessions are to stay with their endpoint, and the namespace has no Secret `sluice-session` with a value `key` of at least 16 bytes, which seals the address that clients are given. Sluice makes a key itself, which other replicas do not have; it outlives a restart with `--state-key-file` only.',
  },
  SessionsNotKept: {
    severity: 'error',
    doc: 'Sessions are to stay with their endpoint, and 256 other namespaces of the group of Envoys have sessions already: their keys go with each request inside of Envoy. Namespaces with a Secret `sluice-session` come first, then the order of names decides. Requests of these routes go to any endpoint.',
  },
  SettingConflict: { severity: 'warning', doc: 'Two Gateways share a port and ask for different settings of it. Those of the older one hold.' },
  SettingIgnored: {
    severity: 'warning',
    doc: 'A key of the ConfigMap of ingress-nginx has no effect: it is none, its value is wrong, or Sluice does not act on it.',
  },
  ShareWithoutEndpoints: {
    severity: 'warning',
    doc: 'A backend of a split has no ready endpoint while another has some. Its share goes to the one with the largest, until an endpoint of it is ready.',
  },
  SidecarConflict: {
    severity: 'error',
    doc: 'Two Sidecars are for the same Service, or two ports of one Sidecar are the same. The older, or the first, is served.',
  },
  SidecarReachNotFound: { severity: 'warning', doc: 'A Sidecar is to reach a Service that does not exist; calls to it are answered with 404.' },
  SidecarServiceNotFound: { severity: 'warning', doc: 'A Sidecar is for a Service that does not exist; it has no inbound listener unless one is written.' },
  SlowStartIgnored: {
    severity: 'warning',
    doc: 'Slow start is asked for with a load balancer that does not know it, in the mode asked for; new endpoints have their full share at once.',
  },
  SlowStartModeUnsupported: {
    severity: 'warning',
    doc: 'The mode `Sluice` of slow start is asked for where Envoy resolves names, so that Sluice does not know the endpoints; the mode `Envoy` is used.',
  },
  SourceUnavailable: {
    severity: 'error',
    doc: 'A folder, or what else objects come from, is away or cannot be read. The objects last read from it stay in use.',
  },
  StateKeyUnusable: {
    severity: 'warning',
    doc: 'Secrets of the state folder were sealed with another key than the one that is given now, or none is given. They are missing until their source lists them.',
  },
  StateUnreadable: {
    severity: 'warning',
    doc: 'A file of the state folder is broken, cut off or of a newer Sluice. What it held is as if it had never been kept; all else is used. A pin that was in it is gone: that is told until its group is pinned again or the server starts anew.',
  },
  StateUnwritable: {
    severity: 'error',
    doc: 'The state folder cannot be written: the disk is full, the folder is read-only, or another server has it. Serving goes on, and writing is tried again every few seconds.',
  },
  TlsCertificateExpiring: {
    severity: 'warning',
    doc: 'The certificate of the xDS server, or an authority of its clients, has expired, is not valid yet, or expires soon: in its last fifth, and within 7 days.',
  },
  TlsFilesBroken: {
    severity: 'error',
    doc: 'Certificate, key or authorities of the xDS server were replaced by something that cannot be used. Those read last stay in use.',
  },
  TranscoderConflict: {
    severity: 'error',
    doc: 'Rules of one host name have filters with two different GrpcJsonTranscoders. The first takes HTTP with JSON, the rules of the other take gRPC calls alone.',
    condition: { type: 'Accepted', status: 'False', reason: 'UnsupportedValue' },
  },
  TranscoderNotFound: {
    severity: 'error',
    doc: 'A filter of a GRPCRoute names a GrpcJsonTranscoder that does not exist. Its rule takes gRPC calls alone; HTTP with JSON is answered with 404.',
    condition: { type: 'ResolvedRefs', status: 'False', reason: 'InvalidKind' },
  },
  UnknownField: { severity: 'warning', doc: 'A field that the kind does not have; it is ignored.' },
  UnknownKind: { severity: 'warning', doc: 'An object of a kind that Sluice does not read; it is ignored.' },
  UnreadableYaml: { severity: 'error', doc: 'A document is not valid YAML. The last good form of the objects that it held stays in use.' },
  UnsupportedAddressType: { severity: 'error', doc: 'An EndpointSlice holds host names (FQDN); it is left out.' },
  UnsupportedBackend: {
    severity: 'error',
    doc: 'A reference leads to a kind that cannot take requests; its share is answered with an error.',
    condition: { type: 'ResolvedRefs', status: 'False', reason: 'InvalidKind' },
  },
  UnsupportedField: { severity: 'warning', doc: 'A field of the API that Sluice does not act on; the object is served without it.' },
  UnsupportedFilter: {
    severity: 'error',
    doc: 'A filter that Sluice does not know. Its rule answers 500, as going on without it could open what was meant to be closed.',
    condition: { type: 'Accepted', status: 'False', reason: 'UnsupportedValue' },
  },
  UnsupportedProtocol: {
    severity: 'error',
    doc: 'A listener asks for a protocol or a TLS mode that Sluice does not serve; the listener is not there.',
    condition: { type: 'Accepted', status: 'False', reason: 'UnsupportedProtocol' },
  },
  UnsupportedRouteKind: {
    severity: 'error',
    doc: 'A listener allows a kind of route that it cannot serve; that kind is left out.',
    condition: { type: 'ResolvedRefs', status: 'False', reason: 'InvalidRouteKinds' },
  },
} as const satisfies Record<string, CodeEntry>;

/** One of the codes of the table. */
export type DiagnosticCode = keyof typeof diagnosticCodes;

/** Messages quote what somebody wrote, and an annotation may have 256 KiB. */
const longestMessage = 4000;
const partOfLong = longestMessage / 2 - 2;

/** Makes a diagnostic with the severity of its code. Of a very long message the middle is left out. */
export function diagnostic(code: DiagnosticCode, at: Origin, message: string, remedy?: string): Diagnostic {
  const short = message.length <= longestMessage ? message : `${message.slice(0, partOfLong)} … ${message.slice(-partOfLong)}`;
  return { code, severity: diagnosticCodes[code].severity, message: short, ...(remedy === undefined ? {} : { remedy }), at };
}

/** `file:line:column` where known, else the object and its field: the first column of every list of diagnostics. */
export function placeOf(at: Origin): string {
  if (at.file !== undefined) return [at.file, at.line, at.column].filter((part) => part !== undefined).join(':');
  return [at.object, at.field].filter((part) => part !== undefined).join(' ');
}
