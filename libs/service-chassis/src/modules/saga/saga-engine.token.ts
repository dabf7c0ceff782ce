import type { SagaEngine } from '@millrace/saga';
import { token } from '../../ground/provide.ts';

export const SAGA_ENGINE = token<SagaEngine>('SagaEngine');
