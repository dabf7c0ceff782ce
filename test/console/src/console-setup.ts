import { sharedStack, shareStack, until } from '@millrace/test-support/stack';

const answerMsMax = 60_000;

/** Starts the stack with a console. Its sagas wait as long as a test holds a participant. */
export default async function setUpConsole(): Promise<void> {
  await shareStack({ SAGA_STEP_TIMEOUT_MS: '86400000', ALARM_HOLD_MS: '0' }, { console: true });
  const { consoleUrl = '' } = sharedStack();
  await until('the console to answer', answerMsMax, () =>
    fetch(consoleUrl).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}
