import { proxy } from '../../../nginx/family/proxy.ts';
import type { Feature, LocationRoute } from './feature.ts';

/** Bodies are kept in memory, as Envoy has nowhere else: what may be larger than this is not. */
const mostBufferedBytes = 16 * 1024 ** 2;

/**
 * A request reaches the backend in whole and not above a size, as nginx does by default. Where it is not kept until it is whole, only a
 * length that it announces is measured. gRPC is never kept: a call may have no end.
 */
export const requestBody: Feature = (routes, { reading }) => {
  const config = reading.of(proxy);
  if (!config) return routes;
  const { maxBodyBytes, buffersRequests } = config;
  const isKept = buffersRequests && maxBodyBytes > 0 && maxBodyBytes <= mostBufferedBytes;
  return routes.flatMap((route): readonly LocationRoute[] => {
    if (route.action.type !== 'forward') return [route];
    if (isKept && !route.action.grpc) return [{ ...route, buffering: { maxBytes: maxBodyBytes } }];
    if (maxBodyBytes === 0) return [route];
    const isLarger = { name: 'content-length', type: 'above', value: String(maxBodyBytes) } as const;
    return [{ ...route, match: { ...route.match, headers: [...route.match.headers, isLarger] }, action: { type: 'respond', status: 413 } }, route];
  });
};
