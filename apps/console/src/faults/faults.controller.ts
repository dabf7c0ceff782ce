import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { actOnProcess, supervisedBy } from '@millrace/operations/client';
import { Describe, ProblemError } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { Parts } from '../api/faults.ts';
import { Followed } from '../live/followed.ts';
import { signed, text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';
import { throughOperators } from '../system/through-operators.ts';

const fault = z.strictObject({ part: text, act: z.enum(['kill', 'pause', 'resume']) });

/** Kills and pauses parts of the stack. It exists only with `MILLRACE_FAULTS=1`. */
@Controller('api/faults')
export class FaultsController {
  constructor(private readonly system: System) {}

  @Followed('live', 'Follow the processes of the stack on this machine')
  list() {
    const read = async (): Promise<Parts> => ({ parts: await supervisedBy(this.system.localStack()) });
    return { everyMs: 1_000, read };
  }

  @Post(':part/:act')
  @HttpCode(204)
  @Describe({
    summary: 'Kill, pause or resume a process of the stack',
    answers: { 204: null },
    problems: {
      403: ['read_only'],
      409: ['no_supervisor', 'nothing_to_do', 'own_pause'],
      502: ['no_answer'],
    },
  })
  async act(
    @Param({ schema: fault }) { part, act }: z.infer<typeof fault>,
    @Body({ schema: signed }) { actor: who, reason: why }: z.infer<typeof signed>,
  ): Promise<void> {
    const stack = this.system.localStack();
    if (act === 'pause') await this.#refuseOwnPause(part);
    const { changed } = await throughOperators(actOnProcess(stack, act, part, { actor: who, reason: why }));
    if (changed.length > 0) return;
    throw new ProblemError(409, 'nothing_to_do', `${part} is in no state for this: look at it again`);
  }

  async #refuseOwnPause(part: string): Promise<void> {
    const parts = await throughOperators(supervisedBy(this.system.localStack()));
    if (parts.some(({ instance, pid }) => instance === part && pid === process.pid))
      throw new ProblemError(
        409,
        'own_pause',
        'The console does not pause itself, since nobody could resume it here',
      );
  }
}
