import { Admin, ConfigResourceTypes } from '@platformatic/kafka';

/** The value of a topic's config. Undefined if it is unknown. */
export async function topicConfig(
  bootstrapServers: string,
  topic: string,
  name: string,
): Promise<string | null | undefined> {
  const admin = new Admin({ clientId: 'conformance', bootstrapBrokers: [bootstrapServers] });
  try {
    const resource = {
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName: topic,
      configurationKeys: [name],
    };
    const [described] = await admin.describeConfigs({ resources: [resource] });
    return described?.configs[0]?.value;
  } finally {
    await admin.close();
  }
}
