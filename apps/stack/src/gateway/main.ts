import { z } from 'zod';
import { runProgram, stopped } from '../program.ts';
import { startGateway, type Route } from './gateway.ts';

const route = /^(\d{1,5})=([A-Za-z0-9.-]+):(\d{1,5})$/;

const settings = {
  GATEWAY_HOST: z.string().default('127.0.0.1'),
  GATEWAY_ROUTES: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(
      z.array(z.string().regex(route, 'must be PORT=HOST:PORT, several separated by commas')).min(1).max(50),
    )
    .transform((parts) => parts.map(toRoute)),
};

function toRoute(text: string): Route {
  const [, port, host = '', targetPort] = route.exec(text) ?? [];
  return { port: Number(port), target: { host, port: Number(targetPort) } };
}

/** Gives each service one fixed port, however many containers it has and wherever they listen. */
await runProgram(
  'gateway',
  settings,
  async ({ GATEWAY_HOST: host, GATEWAY_ROUTES: routes }, { logger, signal }) => {
    const gateway = await startGateway({ host, routes, logger });
    logger.info(
      { routes: routes.map(({ port, target }) => `${port}=${target.host}:${target.port}`) },
      'listening',
    );
    await stopped(signal);
    await gateway.stop();
  },
);
