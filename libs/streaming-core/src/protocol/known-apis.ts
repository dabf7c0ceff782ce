import type { Api } from './schema.ts';
import * as cluster from './apis/cluster.ts';
import * as configs from './apis/configs.ts';
import * as fetch from './apis/fetch.ts';
import * as groupOffsets from './apis/group-offsets.ts';
import * as groups from './apis/groups.ts';
import * as handshake from './apis/handshake.ts';
import * as listOffsets from './apis/list-offsets.ts';
import * as metadata from './apis/metadata.ts';
import * as produce from './apis/produce.ts';
import * as topicAdmin from './apis/topic-admin.ts';
import * as transactions from './apis/transactions.ts';

/** Every API with a known layout, by key. */
export const knownApis: readonly Api[] = [
  cluster,
  configs,
  fetch,
  groupOffsets,
  groups,
  handshake,
  listOffsets,
  metadata,
  produce,
  topicAdmin,
  transactions,
]
  .flatMap((module: object) => Object.values(module) as Api[])
  .sort((a, b) => a.key - b.key);

const ofTheClientOnly: readonly string[] = [handshake.saslHandshake.name, handshake.saslAuthenticate.name];

/** The APIs that the broker serves. Each of them has a handler in `broker/handlers.ts`. */
export const servedApis = knownApis.filter(({ name }) => !ofTheClientOnly.includes(name));
