import { connectAdmin } from '@millrace/streaming-core/client';
import { startBroker } from '@millrace/streaming-core/broker';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { internalTopicsAmong, resetApplication } from '@millrace/streams';

/**
 * Lets the stream applications of a restored log start over from their inputs. The log of a running
 * stack is copied topic by topic, so the copy has their offsets, their changelogs and their inputs
 * of different moments: they would leave out records, count them twice, or not start.
 */
export async function startStreamsOver(dataFolder: string, print: (line: string) => void): Promise<void> {
  const broker = await startBroker({ dataFolder, port: 0 });
  try {
    const bootstrapServers = [`${broker.host}:${broker.port}`];
    await using admin = connectAdmin({
      bootstrapServers,
      clientId: 'millrace-restore',
      logger: silentLogger,
    });
    const names = (await admin.topics.list()).map(({ name }) => name);
    const groupIds = (await admin.groups.list()).map(({ groupId }) => groupId);
    for (const applicationId of groupIds) {
      if (internalTopicsAmong(names, applicationId, groupIds).length === 0) continue;
      await admin.groups.removeMembers(applicationId);
      await resetApplication(admin, { applicationId });
      await admin.groups.delete([applicationId]);
      print(`the stream application ${applicationId} will start over from its input topics`);
    }
  } finally {
    await broker.close();
  }
}
