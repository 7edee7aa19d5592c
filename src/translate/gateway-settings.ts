import { diagnostic, type Origin, type Report } from '../diagnostic.ts';
import type { AccessLog, ClientAddress } from '../ir/gateway.ts';
import { gatewayGroup } from '../ir/names.ts';
import type { ObjectOf } from '../kind/index.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';

/** `controllerName` of the GatewayClasses that are ours. */
export const gatewayController = 'gateway.sluice.dev/controller';
/** The class that needs no GatewayClass object. */
const ownClass = 'sluice';

/** What a GatewayConfig says, with the defaults filled in. */
export interface GatewaySettings {
  /** Name of the group of Envoys. */
  readonly group: string;
  /** Undefined: not written, so it is the peer, or what ingress-nginx says of the ports of Ingresses. */
  readonly clientAddress?: ClientAddress;
  /** Undefined: not written, so it is what ingress-nginx says of the ports of Ingresses, or a sample. */
  readonly accessLog?: AccessLog;
  /** Share of the requests of which Envoys tell the client's address, 0 to 100. Undefined: not written, so it is as the server was told. */
  readonly clientSamplePercent?: number;
  /** How the Envoys run that Sluice makes for the Gateway alone. Undefined: somebody else runs those of the group. */
  readonly envoys?: ProvisionedEnvoys;
}

/** What a GatewayConfig says of the Envoys that are made for each Gateway; what is undefined is as the server was told. */
export type ProvisionedEnvoys = NonNullable<ConfigSpec['envoys']>;

type ConfigSpec = ObjectOf<'GatewayConfig'>['spec'];

/**
 * The settings of a Gateway of our class: those of its own `infrastructure.parametersRef`, then of its class, field by field.
 * Undefined: the Gateway is another controller's, or its settings are missing. Gives `ClassForeign`, `ClassNotFound`, `ParametersNotFound`.
 */
export function gatewaySettings(view: StoreView, gateway: Stored<'Gateway'>, report: Report): GatewaySettings | undefined {
  const { gatewayClassName: className, infrastructure } = gateway.object.spec;
  const gatewayClass = view.get('GatewayClass', '', className);
  const at = (): Origin => gateway.origin(['spec', 'gatewayClassName']);
  if (!gatewayClass && className !== ownClass) {
    report(diagnostic('ClassNotFound', at(), `There is no GatewayClass ${className}, so the Gateway is ignored.`, `Use the class ${ownClass}.`));
    return undefined;
  }
  if (gatewayClass && isOfOther(view, gateway)) {
    const controller = gatewayClass.object.spec.controllerName;
    report(diagnostic('ClassForeign', at(), `The class ${className} belongs to the controller ${controller}, so the Gateway is ignored.`));
    return undefined;
  }
  const classRef = gatewayClass?.object.spec.parametersRef;
  const ownRef = infrastructure?.parametersRef;
  const ofClass =
    classRef && findConfig(view, { ...classRef, namespace: classRef.namespace ?? 'default' }, () => gatewayClass.origin(['spec', 'parametersRef']), report);
  const own =
    ownRef && findConfig(view, { ...ownRef, namespace: gateway.namespace }, () => gateway.origin(['spec', 'infrastructure', 'parametersRef']), report);
  if (ofClass === 'missing' || own === 'missing') return undefined;
  const settings = settingsOf({ ...ofClass, ...own });
  // A Gateway that names a group wants its Envoys.
  const envoys = own?.group === undefined ? { mode: 'Shared' as const, ...ofClass?.envoys, ...own?.envoys } : undefined;
  return envoys?.mode === 'PerGateway' ? { ...settings, group: gatewayGroup(gateway.namespace, gateway.name), envoys } : settings;
}

/** Whether a Gateway belongs to another controller. Where its class is missing nobody knows. */
export function isOfOther(view: StoreView, gateway: Stored<'Gateway'>): boolean {
  const gatewayClass = view.get('GatewayClass', '', gateway.object.spec.gatewayClassName);
  return gatewayClass !== undefined && gatewayClass.object.spec.controllerName !== gatewayController;
}

/** Whether a Gateway is of a class of ours, whatever its settings. */
export function isOurGateway(view: StoreView, gateway: Stored<'Gateway'>): boolean {
  const { gatewayClassName } = gateway.object.spec;
  return !isOfOther(view, gateway) && (gatewayClassName === ownClass || view.get('GatewayClass', '', gatewayClassName) !== undefined);
}

/** The settings that hold for Ingress: those of the GatewayConfig `default`, the oldest where several namespaces have one. */
export function ingressSettings(view: StoreView): GatewaySettings {
  const configs = view.list('GatewayConfig').filter(({ name }) => name === 'default');
  const config = configs.find(({ namespace }) => namespace === 'default') ?? configs[0];
  return settingsOf(config?.object.spec ?? {});
}

interface ConfigRef {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Missing: the Gateway is not served, since another group, or trust in other clients, could open what was meant to be closed. */
function findConfig(view: StoreView, ref: ConfigRef, at: () => Origin, report: Report): ConfigSpec | 'missing' {
  const isConfig = ref.group === 'gateway.sluice.dev' && ref.kind === 'GatewayConfig';
  const config = isConfig ? view.get('GatewayConfig', ref.namespace, ref.name) : undefined;
  if (config) return config.object.spec;
  const message = `${ref.kind} ${ref.namespace}/${ref.name} is no GatewayConfig that exists, so the Gateway is not served.`;
  report(diagnostic('ParametersNotFound', at(), message, 'Create it, or refer to a GatewayConfig of the group gateway.sluice.dev.'));
  return 'missing';
}

function settingsOf(spec: ConfigSpec): GatewaySettings {
  const { accessLog: written } = spec;
  return {
    group: spec.group ?? 'default',
    ...(spec.clientAddress && { clientAddress: clientAddressOf(spec.clientAddress) }),
    ...(written && { accessLog: { format: written.format ?? 'json', samplePercent: written.samplePercent ?? 100 } }),
    ...(spec.clientCensus && { clientSamplePercent: spec.clientCensus.samplePercent }),
  };
}

function clientAddressOf(address: NonNullable<ConfigSpec['clientAddress']>): ClientAddress {
  if (address.mode === 'XForwardedFor') {
    return { mode: 'XForwardedFor', trustedCidrs: address.trustedCIDRs ?? [], believesOthers: true };
  }
  if (address.mode === 'ProxyProtocol') return { mode: 'ProxyProtocol', optional: address.optional ?? false };
  return { mode: 'Peer' };
}
