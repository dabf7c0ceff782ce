import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** Starts the Chromium on the PATH. */
export const launchChromium = (args: readonly string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumOnPath(),
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...args],
  });

function chromiumOnPath(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, 'chromium')).find((file) => existsSync(file));
  if (found === undefined)
    throw new Error('chromium is not installed: npm run program -- tools/install/test-tools.ts installs it');
  return found;
}
