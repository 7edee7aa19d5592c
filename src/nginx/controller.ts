import type { Origin } from '../diagnostic.ts';
import { WeakTable } from '../memo/weak-table.ts';
import { defaultIngressSettings, type IngressSettings } from '../settings.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import { controllerFlags } from './controller-flags.ts';
import { type SettingKey, type SettingValue, settings } from './setting/index.ts';
import type { Setting } from './setting.ts';

/** What holds for all Ingresses: the flags of ingress-nginx and the settings of its ConfigMap. */
export interface Controller {
  readonly flags: IngressSettings;
  /** What a key of the ConfigMap says, its fallback where it is missing or wrong. */
  value<Key extends SettingKey>(key: Key): SettingValue<Key>;
  /** The ConfigMap as it is written, by key; empty where there is none. */
  readonly written: Readonly<Record<string, string>>;
  /** Where a key of the ConfigMap is written. */
  origin(key: string): Origin;
  /** The same, undefined where it is missing or wrong, or means nothing. */
  writtenAt(key: string): Origin | undefined;
}

/** The same controller as long as the ConfigMap and the flags are the same: what is remembered by it stays true. */
const remembered = new WeakTable<object, string, Controller>();
const withoutConfigMap = {};

/** The controller that the objects describe. @param given what was said by flags of our own, which goes before what the objects say. */
export function controllerOf(view: StoreView, given: Partial<IngressSettings>): Controller {
  const flags = { ...defaultIngressSettings, ...controllerFlags(view).settings, ...given };
  const [namespace = '', name = ''] = flags.configMap.split('/');
  const object = view.get('ConfigMap', namespace, name);
  return remembered.getOrMake(object ?? withoutConfigMap, JSON.stringify(flags), () => createController(flags, object));
}

function createController(flags: IngressSettings, configMap: Stored<'ConfigMap'> | undefined): Controller {
  const data = configMap?.object.data ?? {};
  const known: Readonly<Record<string, Setting>> = settings;
  return {
    flags,
    written: data,
    origin: (key) => configMap?.origin(['data', key]) ?? {},
    writtenAt(key) {
      const written = data[key];
      return written === undefined || known[key]?.form.read(written) === undefined ? undefined : configMap?.origin(['data', key]);
    },
    value: (key) => {
      const { form, fallback } = settings[key];
      const written = data[key];
      return ((written === undefined ? undefined : form.read(written)) ?? fallback) as SettingValue<typeof key>;
    },
  };
}
