import { STATUS_CODES } from 'node:http';
import type { AnyExtension } from '@grpc/proto-loader';
import type { Compression } from '../../ir/gateway.ts';
import { typed } from '../../proto/message.ts';
import { atMostUint32, uint32 } from '../../proto/values.ts';
import type { Filter } from './filter.ts';

/**
 * Makes answers smaller, where the listener says so. A client that understands several gets the first of the chain.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/compressor_filter
 */
function compressor(type: Compression['type']): Omit<Filter, 'name'> {
  return {
    chain({ compressions }) {
      const compression = compressions.find((one) => one.type === type);
      return compression && { config: configOf(compression), disabled: false };
    },
    isForUpgrades: false,
    route: () => undefined,
  };
}

export const brotli: Filter = { name: 'envoy.filters.http.compressor.brotli', ...compressor('brotli') };
export const gzip: Filter = { name: 'envoy.filters.http.compressor.gzip', ...compressor('gzip') };

function configOf({ type, level, minimumBytes, contentTypes }: Compression): AnyExtension {
  return typed('envoy.extensions.filters.http.compressor.v3.Compressor', {
    response_direction_config: {
      weaken_etag_on_compress: true,
      uncompressible_response_codes: uncompressible,
      common_config: { min_content_length: uint32(atMostUint32(minimumBytes)), content_type_matcher: contentTypes.map((exact) => ({ exact })) },
    },
    choose_first: type === 'brotli',
    compressor_library: {
      name: type,
      typed_config:
        type === 'gzip'
          ? typed('envoy.extensions.compression.gzip.compressor.v3.Gzip', { compression_level: gzipLevels[level - 1] ?? 'COMPRESSION_LEVEL_1' })
          : typed('envoy.extensions.compression.brotli.compressor.v3.Brotli', { quality: uint32(level) }),
    },
  });
}

/** nginx compresses answers with these statuses alone: not those with any other that has a name. */
const compressible = [200, 403, 404];
const uncompressible = Object.keys(STATUS_CODES)
  .map(Number)
  .filter((status) => status >= 200 && !compressible.includes(status));

const gzipLevels = [
  'COMPRESSION_LEVEL_1',
  'COMPRESSION_LEVEL_2',
  'COMPRESSION_LEVEL_3',
  'COMPRESSION_LEVEL_4',
  'COMPRESSION_LEVEL_5',
  'COMPRESSION_LEVEL_6',
  'COMPRESSION_LEVEL_7',
  'COMPRESSION_LEVEL_8',
  'COMPRESSION_LEVEL_9',
] as const;
