import { describeConfigs, incrementalAlterConfigs } from '../../protocol/apis/configs.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';

export const topicType = 2;
export const brokerType = 4;
export const set = 0;
export const remove = 1;
export const append = 2;
export const subtract = 3;

export type Change = readonly [name: string, operation: number, value: string | null];

/**
 * Changes and describes the configs of one resource. Takes a function, since the suite opens its
 * client later.
 */
export function configRequests(client: () => WireClient) {
  async function alter(
    resourceName: string,
    changes: readonly Change[],
    { resourceType = topicType, validateOnly = false } = {},
  ) {
    const configs = changes.map(([name, configOperation, value]) => ({ name, configOperation, value }));
    return (
      await client().send(incrementalAlterConfigs, 1, {
        resources: [{ resourceType, resourceName, configs }],
        validateOnly,
      })
    ).responses[0]!;
  }

  async function describeAll(
    resourceName: string,
    keys: readonly string[] | null,
    { resourceType = topicType, version = 4 } = {},
  ) {
    const resources = [{ resourceType, resourceName, configurationKeys: keys }];
    return (
      await client().send(describeConfigs, version, {
        resources,
        includeSynonyms: true,
        includeDocumentation: version >= 3,
      })
    ).results[0]!;
  }

  const valuesOf = async (topic: string, ...keys: readonly string[]) =>
    Object.fromEntries((await describeAll(topic, keys)).configs.map(({ name, value }) => [name, value]));
  return { alter, describeAll, valuesOf };
}
