import { describe, expect, it } from '@jest/globals';
import { freePorts } from '@millrace/testing/kafka';
import { runImageProgram } from '../image-program.fixture.ts';

describe('the samples as a program', () => {
  it('say in one line what is wrong with their settings, and exit with 1', async () => {
    expect(await runImageProgram('samples', { ORDER_URL: 'order' }).ended).toEqual({
      code: 1,
      output: 'samples: wrong settings: ORDER_URL must be a URL that begins with http://\n',
    });
  });

  it('wait for the services, and name those that are not ready', async () => {
    const [port] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    const urls = {
      ORDER_URL: url,
      INVENTORY_URL: url,
      PAYMENT_URL: url,
      SHIPPING_URL: url,
      NOTIFICATION_URL: url,
    };

    const { code, output } = await runImageProgram('samples', {
      ...urls,
      KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
      SAMPLES_WAIT_MS: '300',
    }).ended;

    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/^samples: not ready after 0.3 s: order \(http:[^\n]+\n$/),
    });
  });
});
