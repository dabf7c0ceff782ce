import { freeBasePort } from '@millrace/testing/kafka';

/** How far above its base port a system listens: the services and the console, the engines, and the services' /ops. */
const distances = [1, 80, 900].flatMap((first) => Array.from({ length: 10 }, (_, index) => first + index));

/** Finds a port for `npm start -- --base-port`, above which everything that the system needs is free. */
export const freeBasePortOfSystem = (): Promise<number> => freeBasePort(distances);
