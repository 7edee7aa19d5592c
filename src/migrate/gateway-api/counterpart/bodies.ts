import { proxy } from '../../../nginx/family/proxy.ts';
import type { Scene } from '../../scene.ts';
import { textOf } from '../../scene.ts';
import type { Counterpart } from './counterpart.ts';

/** The limit of ingress-nginx for bodies: HTTPRoutes have none, which is told; but who wrote a lower one wants it. */
const usualBodyBytes = 1024 ** 2;

/** Bodies, which HTTPRoutes neither limit nor keep. */
export const bodies: Counterpart = {
  names: ['proxy-body-size', 'proxy-request-buffering'],
  obstacle: ({ reading }) =>
    limitsMore(reading.of(proxy)?.maxBodyBytes ?? 0) ? 'proxy-body-size, where it is below the usual 1m, has no counterpart' : undefined,
  told({ ingress }, scene) {
    const limit = textOf(scene, ingress, 'proxy-body-size');
    return limit === undefined || limit === '0' ? [] : [`bodies above ${limit} reach the backend`];
  },
};

/** Why the setting keeps all Ingresses. Undefined: it does not. */
export function bodiesObstacle({ controller }: Scene): string | undefined {
  return limitsMore(controller.value('proxy-body-size')) ? 'the setting proxy-body-size holds for Ingresses alone' : undefined;
}

function limitsMore(maxBodyBytes: number): boolean {
  return maxBodyBytes > 0 && maxBodyBytes < usualBodyBytes;
}
