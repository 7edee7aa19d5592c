import { accessLogSettings } from './access-log.ts';
import { blockingSettings } from './blocking.ts';
import { clientAddressSettings } from './client-address.ts';
import { compressionSettings } from './compression.ts';
import { connectionsSettings } from './connections.ts';
import { defaultsSettings } from './defaults.ts';
import { geoipSettings } from './geoip.ts';
import { globalAuthSettings } from './global-auth.ts';
import { limitsSettings } from './limits.ts';
import { listenersSettings } from './listeners.ts';
import { locationsSettings } from './locations.ts';
import { requestHeadersSettings } from './request-headers.ts';
import { responseHeadersSettings } from './response-headers.ts';
import { retiredSettings } from './retired.ts';
import { safetySettings } from './safety.ts';
import { snippetsSettings } from './snippets.ts';
import { streamsSettings } from './streams.ts';
import { tlsSettings } from './tls.ts';
import { tracingSettings } from './tracing.ts';
import { tuningSettings } from './tuning.ts';
import { wafSettings } from './waf.ts';

/** Every key of the controller's ConfigMap, by its name. */
export const settings = {
  ...accessLogSettings,
  ...blockingSettings,
  ...clientAddressSettings,
  ...compressionSettings,
  ...connectionsSettings,
  ...defaultsSettings,
  ...geoipSettings,
  ...globalAuthSettings,
  ...limitsSettings,
  ...listenersSettings,
  ...locationsSettings,
  ...requestHeadersSettings,
  ...responseHeadersSettings,
  ...retiredSettings,
  ...safetySettings,
  ...snippetsSettings,
  ...streamsSettings,
  ...tlsSettings,
  ...tracingSettings,
  ...tuningSettings,
  ...wafSettings,
} as const;

/** Name of a key. */
export type SettingKey = keyof typeof settings;

/** What a key says. */
export type SettingValue<Key extends SettingKey> = (typeof settings)[Key]['fallback'];
