import { Body, Controller, Get, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { localActor } from '@millrace/operations/client';
import { Describe, ProblemError } from '@millrace/service-chassis/app';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Session } from '../api/session.ts';
import type { ConsoleConfig } from '../config.ts';
import { inWords } from '../answer-in-words.ts';
import { CONSOLE_CONFIG } from '../system/system.ts';
import { isSame, sessionCookie, sessionOf } from './console-guard.ts';

const signIn = z.strictObject({ token: z.string().max(512) });

const sessionSeconds = 12 * 3_600;

@Controller('api/session')
export class SessionController {
  constructor(@Inject(CONSOLE_CONFIG) private readonly config: ConsoleConfig) {}

  /**
   * Returns what the page has to know before it shows anything. With a token, only signed-in
   * browsers get it.
   */
  @Get('me')
  @Describe({
    summary: 'Get the name under which acts are recorded, and what the console allows',
    answers: { 200: inWords('The session') },
  })
  me(): Session {
    const { readOnly, faults } = this.config;
    return { actor: localActor(), readOnly, faults };
  }

  /** `Secure` is left out, because the console itself speaks plain HTTP; a proxy with TLS may add it. */
  @Post()
  @HttpCode(204)
  @Describe({
    summary: 'Sign in with the token of `CONSOLE_TOKEN`, for 12 hours',
    description:
      'The answer sets the cookie that the other routes below `/api/` need. Without a token it sets none.',
    answers: { 204: null },
    problems: { 401: ['wrong_token'] },
  })
  open(
    @Body({ schema: signIn }) { token }: z.infer<typeof signIn>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): void {
    const expected = this.config.token ?? this.config.tokenInFile;
    if (expected === undefined) return;
    if (!isSame(token, expected)) throw new ProblemError(401, 'wrong_token', 'This is not the token');
    void reply.header(
      'set-cookie',
      `${sessionCookie}=${sessionOf(expected)}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${sessionSeconds}`,
    );
  }
}
