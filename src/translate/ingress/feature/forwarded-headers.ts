import type { ForwardedHeaders } from '../../../ir/route.ts';
import { proxyHeaderText } from '../proxy-headers.ts';
import type { Feature } from './feature.ts';

/** Backends learn by the headers of ingress-nginx how the client came; with `use-forwarded-headers` its own word for the host name is theirs. `proxy-set-headers` adds others. */
export const forwardedHeaders: Feature = (routes, location, context) => {
  const { value } = context.controller;
  const believesHost = value('use-forwarded-headers');
  const forwarded: ForwardedHeaders = {
    believesHost,
    keepsForwardedFor: believesHost && value('compute-full-forwarded-for'),
    addsUri: value('proxy-add-original-uri-header'),
    others: context.proxyHeaders.map((header) => ({ name: header.name, value: proxyHeaderText(header, location, context) })),
  };
  return routes.map((route) => (route.action.type === 'forward' ? { ...route, forwarded } : route));
};
