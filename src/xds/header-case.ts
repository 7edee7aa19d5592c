import { typed } from '../proto/message.ts';

/**
 * Names of headers are written as they came, where Envoy else writes them small by HTTP/1. That of a connection with a client holds for requests, all the way
 * to the backend; that of a cluster for answers.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/header_casing
 */
export const headerCase = {
  header_key_format: {
    stateful_formatter: {
      name: 'envoy.http.stateful_header_formatters.preserve_case',
      typed_config: typed('envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig', {}),
    },
  },
};
