import { inventoryCommands, inventoryEvents, productEvents, orderEvents } from '@millrace/contracts';
import { openTestService, type TestService } from '@millrace/testing/service';
import { settings } from './config.ts';
import { inventoryModule } from './inventory.module.ts';

/** The inventory service over HTTP and the log. */
export const openInventory = (): Promise<TestService> =>
  openTestService({
    name: 'inventory',
    settings,
    module: inventoryModule,
    logSubject: 'orderId',
    folder: import.meta.dirname,
    topics: [inventoryCommands, inventoryEvents, productEvents, orderEvents],
  });
