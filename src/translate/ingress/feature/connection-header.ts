import { connectionHeader as family } from '../../../nginx/family/connection-header.ts';
import type { Feature } from './feature.ts';

/** Backends are told what shall become of the connection. */
export const connectionHeader: Feature = (routes, { reading }) => {
  const value = reading.of(family);
  if (value === undefined) return routes;
  return routes.map((route) => {
    const { set = [], add = [], remove = [] } = route.requestHeaders ?? {};
    return { ...route, requestHeaders: { set: [...set, { name: 'connection', value }], add, remove } };
  });
};
