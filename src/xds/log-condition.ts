import { type Message, typed } from '../proto/message.ts';

/** Which requests something holds for, asked when they have been answered: what an access log writes, which local replies change. */
type Condition = Message<'envoy.config.accesslog.v3.AccessLogFilter'>;

/** All must hold. At least one. */
export function allOf(...[first, ...others]: [Condition, ...Condition[]]): Condition {
  return others.length === 0 ? first : { and_filter: { filters: [first, ...others] } };
}

/** An expression about attributes of the request; where one that it needs is missing it does not hold. @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/attributes */
export function expression(text: string): Condition {
  return {
    extension_filter: {
      name: 'envoy.access_loggers.extension_filters.cel',
      typed_config: typed('envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter', { expression: text }),
    },
  };
}
