import { isAbsent, OperationFailed, type OpsClient } from '@millrace/operations/client';
import type { SagasPage, SagaView } from '@millrace/operations/contract';
import type { Job, JobPage } from '../jobs/jobs.ts';
import type { Signed } from '../system/request-fields.ts';
import { pathOf } from './saga-reader.ts';

interface ActOnMany extends Signed {
  readonly action: 'retry' | 'compensate' | 'pause' | 'resume';
  readonly perSecond?: number | undefined;
  readonly filter: { readonly [field: string]: string | undefined; readonly state: string };
}

const pageSize = 20;

/**
 * Acts on every saga that matches a filter, one after the other. Each is read first, so that the
 * action applies to its present state. If its service refuses, the saga is counted and left alone.
 */
export const actOnMany = (services: readonly OpsClient[], order: ActOnMany): Job => ({
  ...order,
  title: `${order.action} sagas that are ${order.filter.state.replaceAll('_', ' ')}`,
  async *pages() {
    for (const ops of services) yield* actOnService(ops, order);
  },
});

async function* actOnService(ops: OpsClient, { action, reason, filter }: ActOnMany): AsyncGenerator<JobPage> {
  let after: string | undefined;
  do {
    const asked = { ...filter, limit: String(pageSize), after };
    const page = await ops.get<SagasPage>('/ops/sagas', asked).catch((error: unknown) => {
      if (isAbsent(error)) return undefined; // a service without sagas
      throw error;
    });
    if (page === undefined) return;
    for (const { definition, sagaId } of page.body.items)
      yield await actOnSaga(ops, pathOf({ definition, id: sagaId }), { action, reason });
    after = page.body.nextCursor ?? undefined;
  } while (after !== undefined);
}

async function actOnSaga(ops: OpsClient, path: string, body: object): Promise<JobPage> {
  try {
    const { etag } = await ops.get<SagaView>(path);
    await ops.post(`${path}/actions`, { body, ifMatch: etag });
    return { acted: 1, refused: [] };
  } catch (error) {
    if (!(error instanceof OperationFailed)) throw error;
    return { acted: 0, refused: [error.message] };
  }
}
