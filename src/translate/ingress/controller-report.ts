import { type Diagnostic, diagnostic, type Origin, type Report } from '../../diagnostic.ts';
import { parseCidrs } from '../../nginx/cidr.ts';
import { clientsNameThemselves } from '../../nginx/client-trust.ts';
import type { Controller } from '../../nginx/controller.ts';
import { type ControllerFlags, controllerFlags } from '../../nginx/controller-flags.ts';
import { listenerTlsOf } from '../../nginx/listener-tls.ts';
import { lacksDatabases } from '../../nginx/places.ts';
import { type SettingKey, settings } from '../../nginx/setting/index.ts';
import type { IngressSettings } from '../../settings.ts';
import type { StoreView } from '../../store/view.ts';
import { httpLog } from './access-log.ts';

/**
 * Tells what of a controller of ingress-nginx does not hold here: its flags, and its ConfigMap; and what clients can forge, as they could there.
 * Gives `ClientAddressForgeable`, `FlagIgnored`, `FlagInert`, `FlagOverridden`, `ForwardedHeadersBelieved`, `IngressSettingIgnored`, `SettingIgnored`.
 * @param given what was said by flags of our own.
 */
export function reportController(view: StoreView, controller: Controller, given: Partial<IngressSettings>, report: Report): void {
  for (const one of flagDiagnostics(view, given)) report(one);
  for (const one of settingDiagnostics(controller)) report(one);
  for (const one of [...unreadNetworks(controller), ...trustDiagnostics(controller), ...logDiagnostics(controller), ...tlsDiagnostics(controller)]) report(one);
}

function flagDiagnostics(view: StoreView, given: Partial<IngressSettings>): readonly Diagnostic[] {
  const { workload, written } = controllerFlags(view);
  return written.flatMap((flag) => flagDiagnostic(flag, () => workload?.origin(flag.field) ?? {}, given));
}

function flagDiagnostic({ name, text, reading }: ControllerFlags['written'][number], at: () => Origin, given: Partial<IngressSettings>): readonly Diagnostic[] {
  if (reading.type === 'setting') {
    return (Object.entries(reading.setting) as [keyof IngressSettings, unknown][])
      .filter(([key, value]) => given[key] !== undefined && given[key] !== value)
      .map(([key]) => diagnostic('FlagOverridden', at(), `--${name} ${text} does not hold, as Sluice itself was started with ${JSON.stringify(given[key])}.`));
  }
  if (reading.type === 'unknown') {
    return [diagnostic('FlagIgnored', at(), `--${name} is no flag of ingress-nginx, so it has no effect.`, 'Mend its name, or remove it.')];
  }
  const { verdict, form, doc } = reading.flag;
  if (reading.type === 'wrong') {
    return [diagnostic('FlagIgnored', at(), `--${name} is ${JSON.stringify(text)}, which is not ${form.doc}, so it has no effect.`, `Give ${form.doc}.`)];
  }
  if (verdict === 'noop') return [diagnostic('FlagInert', at(), `--${name} means nothing here. ${doc}`)];
  return [diagnostic('FlagIgnored', at(), `--${name} has no effect. ${doc}`, 'See whether you need it.')];
}

function settingDiagnostics(controller: Controller): readonly Diagnostic[] {
  const { written, origin } = controller;
  return Object.entries(written).flatMap(([key, text]): readonly Diagnostic[] => {
    const at = () => origin(key);
    if (!Object.hasOwn(settings, key)) {
      return [diagnostic('SettingIgnored', at(), `${key} is no setting of ingress-nginx, so it has no effect.`, 'Mend its name, or remove it.')];
    }
    const { verdict, form, fallback, doc } = settings[key as SettingKey];
    if (text !== '' && form.read(text) === undefined) {
      const message = `${key} is ${JSON.stringify(text)}, which is not ${form.doc}, so ${JSON.stringify(fallback)} holds.`;
      return [diagnostic('SettingIgnored', at(), message, `Give ${form.doc}.`)];
    }
    if (lacksDatabases(controller, key)) {
      const message = `${key} has no effect, as nobody says where Envoys find databases.`;
      return [diagnostic('SettingIgnored', at(), message, 'Give `--ingress-geoip-city-database` or `--ingress-geoip-asn-database`.')];
    }
    return verdict === 'report' ? [diagnostic('SettingIgnored', at(), `${key} has no effect here. ${doc}`, 'See whether you need it.')] : [];
  });
}

function unreadNetworks({ value, origin }: Controller): readonly Diagnostic[] {
  const wrong = value('proxy-real-ip-cidr').filter((cidr) => parseCidrs([cidr]) === undefined);
  return wrong.map((cidr) => {
    const message = `${JSON.stringify(cidr)} is no IP address and no network, so no proxy is trusted by it.`;
    return diagnostic('IngressSettingIgnored', origin('proxy-real-ip-cidr'), message, 'Correct it: `192.0.2.1`, `10.0.0.0/8`.');
  });
}

function tlsDiagnostics(controller: Controller): readonly Diagnostic[] {
  const remedy = 'Write what Envoy knows, as the page of settings says.';
  return listenerTlsOf(controller).mistakes.map(({ key, message }) => diagnostic('IngressSettingIgnored', controller.origin(key), message, remedy));
}

function logDiagnostics(controller: Controller): readonly Diagnostic[] {
  return httpLog(controller).mistakes.map(({ key, message, remedy }) => diagnostic('SettingIgnored', controller.origin(key), message, remedy));
}

function trustDiagnostics(controller: Controller): readonly Diagnostic[] {
  const { value, written, origin } = controller;
  if (clientsNameThemselves(controller)) {
    const key = ['proxy-real-ip-cidr', 'use-forwarded-headers'].find((one) => written[one] !== undefined) ?? 'enable-real-ip';
    const networks = value('proxy-real-ip-cidr').join(', ');
    const message = `Anybody chooses the address that lists, limits, logs and backends see, by ${value('forwarded-for-header')}: it is believed from ${networks}, as ingress-nginx does.`;
    return [diagnostic('ClientAddressForgeable', origin(key), message, 'Set proxy-real-ip-cidr to the networks of your own proxies and load balancers.')];
  }
  if (!value('use-forwarded-headers')) return [];
  const message = 'X-Forwarded-Host, -Proto and -Port are believed from every peer, whatever proxy-real-ip-cidr says, as ingress-nginx does.';
  const remedy = 'Let only your proxies connect to Envoy, and have them write these headers anew.';
  return [diagnostic('ForwardedHeadersBelieved', origin('use-forwarded-headers'), message, remedy)];
}
