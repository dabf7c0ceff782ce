import { Controller, Param, Query } from '@nestjs/common';
import { askReachable } from '@millrace/operations/client';
import {
  applicationPlace,
  type ApplicationsView,
  type ApplicationView,
  type StoreView,
} from '@millrace/operations/contract';
import { z } from 'zod';
import type { ApplicationList, ShownApplication, StoreEntries } from '../api/applications.ts';
import { Followed } from '../live/followed.ts';
import { System } from '../system/system.ts';

const path = '/ops/applications';
const storePlace = z.strictObject({ application: applicationPlace, store: applicationPlace });
const storeQuery = z.strictObject({ key: z.string().max(4_096).optional() });
const entriesMax = '50';

@Controller('api/applications')
export class ApplicationsController {
  constructor(private readonly system: System) {}

  @Followed('live', 'Follow the stream applications of all processes')
  all() {
    const read = async (): Promise<ApplicationList> => {
      const { found, missing } = await askReachable(this.#processes(), async (ops) => {
        const { body } = await ops.get<ApplicationsView>(path);
        return body.items.map((item) => ({ process: ops.service, ...item }));
      });
      return { applications: byApplication(found.flat()), missing };
    };
    return { everyMs: 1_000, read };
  }

  /** A key of a store, or its first keys. Each key is in one process, so all of them are asked. */
  @Followed(
    'live/:application/stores/:store',
    'Follow a key of a state store, or its first keys, in every process',
  )
  store(
    @Param({ schema: storePlace }) { application, store }: z.infer<typeof storePlace>,
    @Query({ schema: storeQuery }) { key }: z.infer<typeof storeQuery>,
  ) {
    const ofStore = `${path}/${encodeURIComponent(application)}/stores/${encodeURIComponent(store)}`;
    const read = async (): Promise<StoreEntries> => {
      const { found, missing } = await askReachable(this.#processes(), async (ops) => {
        const { body } = await ops.get<StoreView>(ofStore, { key, limit: entriesMax });
        return { process: ops.service, ...body };
      });
      return {
        entries: found.flatMap(({ process, items }) => items.map((item) => ({ process, ...item }))),
        wasRead: found.length > 0,
        mayHaveMore: found.some(({ complete }) => !complete),
        missing,
      };
    };
    return { everyMs: 5_000, read };
  }

  #processes() {
    return this.system.operators(undefined, 'processes');
  }
}

/** Shows the topology of the first process. Others may have another one while an upgrade runs. */
export function byApplication(
  found: ReadonlyArray<ApplicationView & { readonly process: string }>,
): readonly ShownApplication[] {
  const groups = Map.groupBy(found, ({ application }) => application);
  return [...groups.values()]
    .map(([first, ...others]) => ({
      application: first!.application,
      subTopologies: first!.subTopologies,
      stores: first!.stores,
      processes: [first!, ...others].map(
        ({ process, state, notRunningSeconds, failure, remainingRecords, tasks }) => ({
          process,
          state,
          notRunningSeconds,
          failure,
          remainingRecords,
          tasks,
        }),
      ),
    }))
    .sort((one, other) => one.application.localeCompare(other.application));
}
