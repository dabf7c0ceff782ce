import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { LaunchOptions } from 'playwright-core';

/** Returns how the Chromium on the PATH is launched. Throws an error with the remedy if there is none. */
export function chromiumOnPath(args: readonly string[] = []): LaunchOptions {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, 'chromium')).find((file) => existsSync(file));
  if (found === undefined)
    throw new Error('chromium is not installed: npm run program -- tools/install/test-tools.ts installs it');
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []; // which refuses to work for root
  return { executablePath: found, args: [...asRoot, ...args] };
}
