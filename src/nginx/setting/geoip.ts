import { bool, int } from '../form.ts';
import { setting } from '../setting.ts';

const doc =
  'With `--ingress-geoip-city-database` and `--ingress-geoip-asn-database`, the paths of databases of MaxMind on the machines of Envoys: `proxy-set-headers` and `log-format-upstream` may have';

/** Where clients come from. */
export const geoipSettings = {
  'geoip2-autoreload-in-minutes': setting(
    'near',
    int,
    0,
    'How often databases are looked at. Envoy takes a new one as soon as it is moved to the place of the old one.',
  ),
  'use-geoip': setting(
    'near',
    bool,
    false,
    `${doc} \`$geoip_country_code\`, \`$geoip_city_country_code\`, \`$geoip_region\` and \`$geoip_city\`, from databases of today's form.`,
  ),
  'use-geoip2': setting(
    'near',
    bool,
    false,
    `${doc} \`$geoip2_city_country_code\`, \`$geoip2_region_code\`, \`$geoip2_city\` and \`$geoip2_asn\`, and none of the others.`,
  ),
} as const;
