import { accountEvents, paymentCommands, paymentEvents } from '@millrace/contracts';
import { openTestService, type TestService } from '@millrace/testing/service';
import { settings } from './config.ts';
import { paymentModule } from './payment.module.ts';

/** The payment service over HTTP and the log. */
export const openPayment = (): Promise<TestService> =>
  openTestService({
    name: 'payment',
    settings,
    module: paymentModule,
    logSubject: 'orderId',
    folder: import.meta.dirname,
    topics: [paymentCommands, paymentEvents, accountEvents],
  });
