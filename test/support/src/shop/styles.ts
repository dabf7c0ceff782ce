import type { OrderStyle } from '@millrace/contracts';
import { choreographed } from './choreographed.ts';

/** The styles in which the system fulfills orders. */
export const orderStyles: readonly OrderStyle[] = ['orchestrated', choreographed];
