import { fileURLToPath } from 'node:url';

/**
 * The folder of this library's migrations, the same from `src` and from `dist`. Apply them after
 * those of event-sourcing.
 */
export const sagaMigrations: string = fileURLToPath(new URL('../migrations', import.meta.url));
