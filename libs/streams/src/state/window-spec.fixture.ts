import { text } from './serde.fixture.ts';
import type { WindowStoreSpec } from './store-spec.ts';

export const MINUTE_MS = 60_000;

/** A store of texts in windows of one minute, which are kept for four minutes. */
export const windowSpec = (
  spec: Partial<WindowStoreSpec<string, string>> = {},
): WindowStoreSpec<string, string> => ({
  kind: 'window',
  name: 'windows',
  keySerde: text,
  valueSerde: text,
  timestamped: false,
  caching: false,
  logConfigs: {},
  inMemory: false,
  retentionMs: 4 * MINUTE_MS,
  windowSizeMs: MINUTE_MS,
  retainDuplicates: false,
  emitsOnClose: false,
  ...spec,
});
