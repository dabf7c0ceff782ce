import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { pssMb } from './process-cost.ts';

const program = `
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
class Empty {}
Module({})(Empty);
const app = await NestFactory.create(Empty, new FastifyAdapter(), { logger: false });
await app.listen(0, '127.0.0.1');
process.send({ type: 'ready' });
process.on('disconnect', () => process.exit());`;

/** Packages that Nest loads if they are there, and this program does without. */
const optional = [
  '@nestjs/microservices',
  '@nestjs/platform-express',
  '@nestjs/websockets',
  '@fastify/multipart',
  '@fastify/static',
  '@fastify/view',
  'class-transformer',
  'class-validator',
];
/** As the stack starts the console. */
const nodeOptions = ['--max-semi-space-size=1'];
const settleMs = 5_000;

/** The memory of a Nest process on fastify without a controller, bundled and started as ours are. */
export async function pssOfSmallestNest(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-smallest-nest-'));
  const file = join(folder, 'main.mjs');
  await build({
    stdin: { contents: program, resolveDir: import.meta.dirname },
    outfile: file,
    bundle: true,
    minifyWhitespace: true,
    charset: 'ascii',
    platform: 'node',
    format: 'esm',
    external: optional,
    banner: {
      js: 'import{createRequire as c}from"node:module";const require=c(import.meta.url);',
    },
  });
  const nest = spawn(process.execPath, [...nodeOptions, file], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(nest, 'exit');
  try {
    await once(nest, 'message');
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    return pssMb(nest.pid ?? 0);
  } finally {
    nest.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}
