import { diagnostic, type Report } from '../../diagnostic.ts';
import type { ValueMatch } from '../../ir/route.ts';
import { parseCidrs } from '../../nginx/cidr.ts';
import type { Controller } from '../../nginx/controller.ts';
import { checkRegex } from '../regex.ts';
import { mapPattern } from './map-pattern.ts';

/** Whom the ConfigMap keeps out of all host names. */
export interface Blocking {
  readonly cidrs: readonly string[];
  readonly headers: readonly ValueMatch[];
}

/**
 * What `block-cidrs`, `block-user-agents` and `block-referers` say. What of them cannot be read is left out.
 * Gives `IngressSettingIgnored`, `InvalidRegex`, `RegexTooLarge`, `RegexCostly`.
 */
export function blockingOf(controller: Controller, report: Report): Blocking {
  const cidrs = controller.value('block-cidrs').flatMap((text) => {
    const parsed = parseCidrs([text]);
    if (parsed) return parsed;
    const message = `${JSON.stringify(text)} is no IP address and no network, so nobody is kept out by it.`;
    report(diagnostic('IngressSettingIgnored', controller.origin('block-cidrs'), message, 'Correct it: `192.0.2.1`, `10.0.0.0/8`.'));
    return [];
  });
  const headers = (['user-agent', 'referer'] as const).flatMap((name) => {
    const key = `block-${name}s` as const;
    return controller
      .value(key)
      .map((text): ValueMatch => ({ name, type: 'regex', value: mapPattern(text) }))
      .filter(({ value = '' }) => checkRegex(value, () => controller.origin(key), report));
  });
  return { cidrs, headers };
}
