import { keepUntilTeardown } from '@millrace/testing/jest';
import { sharedStack, shareStack, until } from '@millrace/test-support/stack';
import { startBrowser } from './chromium.ts';

const answerMsMax = 60_000;

/** Alarms are raised and cleared within a second, and a message that fails is soon parked. */
const impatient = {
  SAGA_STEP_TIMEOUT_MS: '86400000',
  ALARM_HOLD_MS: '0',
  WATCH_EVERY_MS: '1000',
  RETRY_IN_PLACE_MS: '0',
};

/**
 * Starts a stack with a console and five optional apps, and a browser, which all files share. A saga
 * waits for as long as a test holds up a participant.
 */
export default async function setUpConsole(): Promise<void> {
  const stack = await shareStack(impatient, {
    console: true,
    apps: ['analytics', 'connect', 'dashboard', 'logs', 'registry'],
  });
  const browser = await startBrowser();
  keepUntilTeardown({ stop: () => browser.stop().finally(() => stack.stop()) });
  const { consoleUrl = '' } = sharedStack();
  await until('the console to answer', answerMsMax, () =>
    fetch(consoleUrl).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}
