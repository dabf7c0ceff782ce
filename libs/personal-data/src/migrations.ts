import { fileURLToPath } from 'node:url';

/** The folder of this library's migrations, the same from `src` and from `dist`. */
export const personalDataMigrations: string = fileURLToPath(new URL('../migrations', import.meta.url));
