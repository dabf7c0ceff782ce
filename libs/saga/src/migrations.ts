import { fileURLToPath } from 'node:url';

/** Folder of this library's migrations; the same one from `src` and from `dist`. Applied after event-sourcing's. */
export const sagaMigrations: string = fileURLToPath(new URL('../migrations', import.meta.url));
