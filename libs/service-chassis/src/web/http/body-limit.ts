import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

interface LimitedRoute {
  readonly bodyBytesMax?: number;
}

/** Gives a route a limit of its own, instead of `HTTP_BODY_BYTES_MAX`. */
export const BodyBytesMax = (bodyBytesMax: number) => RouteConfig({ bodyBytesMax } satisfies LimitedRoute);

/** Applies the limits of routes. Has to be called before a route is added. */
export function limitBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const { bodyBytesMax } = (route.config ?? {}) as LimitedRoute;
    if (bodyBytesMax !== undefined) route.bodyLimit = bodyBytesMax;
  });
}
