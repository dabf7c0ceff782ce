import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** A host name that is not this machine's by name, but leads to it, as with DNS rebinding. */
export const foreignHost = 'pages.example';

/** Names the browser to the files of tests, which are processes of their own. */
const variable = 'MILLRACE_TEST_BROWSER';

/** The Chromium on the PATH, and how it is started. */
const program = () => ({
  executablePath: chromiumOnPath(),
  args: [
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    `--host-resolver-rules=MAP ${foreignHost} 127.0.0.1`,
  ],
});

/** Starts a browser of one's own. */
export const launchChromium = (): Promise<Browser> => chromium.launch(program());

/** Starts the browser that all files of tests share, which find it with `testBrowser`. */
export async function startBrowser(): Promise<{ stop(): Promise<void> }> {
  const server = await chromium.launchServer(program());
  process.env[variable] = server.wsEndpoint();
  return { stop: () => server.close() };
}

/** Connects to the browser of the project. */
export function connectToBrowser(): Promise<Browser> {
  const address = process.env[variable];
  if (address === undefined) throw new Error('this project has no browser: run it with the target test-ci');
  return chromium.connect(address);
}

function chromiumOnPath(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, 'chromium')).find((file) => existsSync(file));
  if (found === undefined)
    throw new Error('chromium is not installed: npm run program -- tools/install/test-tools.ts installs it');
  return found;
}
