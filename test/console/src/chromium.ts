import { chromiumOnPath } from '@millrace/test-support/chromium';
import { chromium, type Browser } from 'playwright-core';

/** A host name that is not this machine's by name, but leads to it, as with DNS rebinding. */
export const foreignHost = 'pages.example';

/** The variable that tells the files of tests, which are processes of their own, where the browser is. */
const variable = 'MILLRACE_TEST_BROWSER';

/** Starts the browser that all files of tests share. */
export async function startBrowser(): Promise<{ stop(): Promise<void> }> {
  const server = await chromium.launchServer(
    chromiumOnPath([`--host-resolver-rules=MAP ${foreignHost} 127.0.0.1`]),
  );
  process.env[variable] = server.wsEndpoint();
  return { stop: () => server.close() };
}

/** Connects to the browser of the project. */
export function connectToBrowser(): Promise<Browser> {
  const address = process.env[variable];
  if (address === undefined) throw new Error('this project has no browser: run it with the target test-ci');
  return chromium.connect(address);
}
