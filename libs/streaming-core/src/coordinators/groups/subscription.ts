import { arrayOf, string, struct } from '../../protocol/schema.ts';
import { WireReader } from '../../protocol/wire-reader.ts';

const versionBytes = 2;

/**
 * The beginning of a consumer's metadata, which is the same in all versions of
 * `ConsumerProtocolSubscription`. The rest is for the members.
 */
const subscription = struct(
  'ConsumerProtocolSubscription',
  { versions: '0', flexible: 'none' },
  { topics: arrayOf(string()) },
);

/**
 * Returns the topics that a member of protocol type `consumer` subscribes to, or undefined if its
 * metadata has another format.
 */
export function subscribedTopics(metadata: Buffer): readonly string[] | undefined {
  try {
    return subscription.codec(0).read(new WireReader(metadata.subarray(versionBytes))).topics;
  } catch {
    return undefined;
  }
}
