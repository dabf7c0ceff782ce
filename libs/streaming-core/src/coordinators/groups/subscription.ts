import { arrayOf, string, struct } from '../../protocol/schema.ts';
import { WireReader } from '../../protocol/wire-reader.ts';

const versionBytes = 2;

/** The beginning of a consumer's metadata, the same in each of its versions (protocol notes 4.3). What follows is for the members. */
const subscription = struct(
  'ConsumerProtocolSubscription',
  { versions: '0', flexible: 'none' },
  { topics: arrayOf(string()) },
);

/** The topics that a member of protocol type `consumer` reads; undefined where its metadata are something else. */
export function subscribedTopics(metadata: Buffer): readonly string[] | undefined {
  try {
    return subscription.codec(0).read(new WireReader(metadata.subarray(versionBytes))).topics;
  } catch {
    return undefined;
  }
}
