/** The types of resources with configs, from Apache Kafka's `ConfigResource.Type`. */
export const configResourceTypes = {
  topic: 2,
  broker: 4,
  brokerLogger: 8,
  clientMetrics: 16,
  group: 32,
} as const;

export const isConfigResourceType = (type: number): boolean =>
  Object.values<number>(configResourceTypes).includes(type);
