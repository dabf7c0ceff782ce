import { afterAll, describe, expect, it } from '@jest/globals';
import { connectAdmin, connectProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { sharedStack, until } from '@millrace/test-support/stack';
import { testBrowser } from './browser.ts';
import { sharedConsole } from './console-stack.ts';

const browser = testBrowser();
const cluster = {
  bootstrapServers: sharedStack().bootstrapServers.split(','),
  clientId: 'long-topic',
  logger: silentLogger,
};
const admin = connectAdmin(cluster);
const producer = connectProducer(cluster);
const topic = `long-topic-${crypto.randomUUID().slice(0, 8)}`;
afterAll(async () => {
  await admin.topics.delete([topic]);
  await admin.close();
  await producer.close();
});

const writtenAtOnce = 5_000;
const countMsMax = 20_000;
const elementsMax = 800;

describe('the live tail of a topic', () => {
  it('Z50 counts every message as shown or dropped, and draws only the rows that can be seen', async () => {
    await admin.topics.create([{ name: topic, partitions: 6 }]);
    await browser.visit(`${sharedConsole()}/topics/${topic}?view=tail`, async (page) => {
      await page.getByText('0 messages came').waitFor();
      await producer.send(
        Array.from({ length: writtenAtOnce }, (_, index) => ({ topic, key: null, value: String(index) })),
      );
      const said = page.getByText(/^5,000 messages came/);
      let dropped = 0;
      await until('every message to be shown or dropped', countMsMax, async () => {
        const [, ...counts] =
          /came, ([\d,]+) shown\. (?:([\d,]+) dropped)?/.exec(await said.innerText()) ?? [];
        const [shown = 0, notShown = 0] = counts.map((count = '0') => Number(count.replaceAll(',', '')));
        dropped = notShown;
        return shown + dropped === writtenAtOnce;
      });
      expect(dropped).toBeGreaterThan(0);
      expect(await page.locator('*').count()).toBeLessThan(elementsMax);
    });
  });
});
