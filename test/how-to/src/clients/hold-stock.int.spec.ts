import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inventoryCommands, inventoryEvents, orderEvents, productEvents } from '@millrace/contracts';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { openTestService, until, type TestService } from '@millrace/testing/service';
import { settings } from '../../../../apps/inventory/src/config.ts';
import { inventoryModule } from '../../../../apps/inventory/src/inventory.module.ts';

const command = programCommand('test/how-to/src/clients/hold-stock.program.ts');

describe('a program that sends a command', () => {
  let inventory: TestService;
  beforeAll(async () => {
    inventory = await openTestService({
      name: 'inventory',
      settings,
      module: inventoryModule,
      logSubject: 'orderId',
      folder: join(import.meta.dirname, '../../../../apps/inventory/src'),
      topics: [inventoryCommands, inventoryEvents, productEvents, orderEvents],
    });
    const price = { amount: 24_90, currency: 'EUR' };
    await inventory.call('PUT', '/products/lamp', { name: 'Lamp', price });
    await inventory.call('POST', '/products/lamp/receipts', { quantity: 10 });
  });
  afterAll(() => inventory?.close());

  it('is answered by the service on its topic of events', async () => {
    const env = { ...programEnvironment(), KAFKA_BOOTSTRAP_SERVERS: inventory.bootstrapServers };

    const { stdout } = await promisify(execFile)(process.execPath, [...command, 'lamp', '2'], { env });

    const orderId = stdout.split(' ', 1).join('');
    expect(stdout).toMatch(/^\S+ is on partition \d\n$/);
    const [answer] = await until(
      () => inventory.published('inventory-events', orderId),
      ({ length }) => length === 1,
    );
    expect(answer?.message).toEqual({
      type: 'InventoryReserved',
      orderId,
      lines: [{ sku: 'lamp', quantity: 2 }],
    });
  });
});
