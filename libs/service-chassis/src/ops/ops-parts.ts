import type { Type } from '@nestjs/common';
import { DATABASE } from '../database/database.module.ts';
import { EVENT_STORE, FOLDINGS, REBUILDS } from '../modules/events/event-store.tokens.ts';
import { DEAD_LETTER_DECISIONS } from '../modules/messaging/open-dead-letter-decisions.ts';
import { SUBJECT_ERASURES } from '../modules/personal/personal-data.tokens.ts';
import { SAGA_ENGINE } from '../modules/saga/saga-engine.token.ts';
import { GROUP_WATCHES } from '../observability/watch/group-watches.ts';
import { OpsCorrelationsController } from './correlations.controller.ts';
import { OpsDeadLettersController } from './dead-letters.controller.ts';
import { OpsErasuresController } from './erasures.controller.ts';
import { OpsMessagingController } from './messaging.controller.ts';
import { OpsRebuildsController } from './rebuilds.controller.ts';
import { OpsStatesController } from './states.controller.ts';
import { OpsStreamsController } from './streams.controller.ts';

/** Controllers of the operator API, and the parts of a service that they inject. */
interface OpsPart {
  readonly needs: readonly symbol[];
  readonly load: () => Promise<readonly Type[]>;
}

/** A service has the controllers whose needs its modules provide. */
export const opsParts: readonly OpsPart[] = [
  {
    needs: [DATABASE, EVENT_STORE, FOLDINGS, REBUILDS],
    load: async () => [
      OpsStreamsController,
      OpsStatesController,
      OpsCorrelationsController,
      OpsRebuildsController,
    ],
  },
  {
    needs: [DATABASE, DEAD_LETTER_DECISIONS, GROUP_WATCHES],
    load: async () => [OpsDeadLettersController, OpsMessagingController],
  },
  { needs: [SUBJECT_ERASURES], load: async () => [OpsErasuresController] },
  {
    needs: [DATABASE, SAGA_ENGINE],
    // Loads the saga library, which a service without sagas does not need.
    load: async () => [(await import('./sagas.controller.ts')).OpsSagasController],
  },
];
